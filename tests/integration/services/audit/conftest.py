"""An audit log with its sealer, and somebody who owns the database."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import text

from cardpay.domain.audit_chain import AuditKey, audit_key
from cardpay.services import audit
from cardpay.services.audit_check import AuditCheck, check_audit
from cardpay.services.audit_heads import HeadsFile
from cardpay.services.audit_sealing import Sealer
from cardpay.services.desk import Desk
from cardpay.storage import audit_seals
from cardpay.storage.database.engine import Store
from tests.support.desks import worlds
from tests.support.desks.worlds import AGENT

KEY = audit_key("0123456789abcdef0123456789abcdef")
OTHER_KEY = audit_key("fedcba9876543210fedcba9876543210")
NOT_WHAT_WAS_SEALED = (
    "Entry {} is not what was sealed: it was changed, or removed and its number used again."
)
INSERT = (
    "INSERT INTO audit_entry (id, at, actor_id, roles, origin, act, subject_kind, subject_id,"
    " before, after) VALUES ({}, '2024-02-29 12:00:00', 'agent-2', 'agent', 'test',"
    " 'payment.refund', 'payment', 'payment-1', '{{}}', '{{}}')"
)
# Seals of the log that is tampered with: entries 1 to 3, 4 and 5, and 6.
BATCHES = (3, 2, 1)
_TABLES = ("audit_entry", "audit_seal", "audit_tombstone")


@dataclass
class Log:
    """The log of one desk, its key and the file of its heads."""

    desk: Desk
    heads: HeadsFile
    keys: tuple[AuditKey, ...] = (KEY,)
    sealer: Sealer = field(init=False)

    def __post_init__(self) -> None:
        self.sealer = self.another_sealer()

    def another_sealer(self) -> Sealer:
        """That of another process."""
        return Sealer(self.desk, self.keys, self.heads)

    def act(self, count: int = 1) -> None:
        """Somebody does something, some times."""
        for _ in range(count):
            with self.desk.store.transaction() as session:
                audit.record(
                    session,
                    AGENT,
                    "payment.status",
                    ("payment", "payment-1"),
                    at=self.desk.now(),
                    before={"status": None},
                    after={"status": "succeeded", "amount_minor": 1_200},
                )

    def seal(self, *batches: int) -> None:
        """Acts and a seal for them, some times; without a number, one pass."""
        for count in batches:
            self.act(count)
            self.sealer.seal()
        if not batches:
            self.sealer.seal()

    def check(self) -> AuditCheck:
        """As `doctor` checks it."""
        return check_audit(self.desk.store, self.keys, self.heads.logged())

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong, and nothing waits."""
        found = self.check()
        return not found.problems and not found.unsealed

    def seals(self) -> list[tuple[int, int, int]]:
        """Number, entries and settled id of each seal."""
        with self.desk.store.reading() as session:
            return [
                (seal.number, seal.entry_count, seal.settled_id)
                for seal in audit_seals.seals_after(session, 0, 1_000)
            ]

    def tamper(self, *statements: str) -> None:
        """Change the database as its owner can: the triggers go first."""
        with self.desk.store.engine.begin() as connection:
            on_postgresql = connection.dialect.name == "postgresql"
            for table in _TABLES:
                for event in ("update", "delete"):
                    where = f" ON {table}" if on_postgresql else ""
                    connection.execute(text(f"DROP TRIGGER {table}_no_{event}{where}"))
            for statement in statements:
                connection.exec_driver_sql(statement)


@contextmanager
def sealing(log: Log, sealers: int) -> Iterator[None]:
    """Sealers that go round and round meanwhile, as in as many processes."""
    ended = Event()

    def work() -> None:
        mine = log.another_sealer()
        while not ended.is_set():
            mine.seal()

    with ThreadPoolExecutor(sealers) as pool:
        running = [pool.submit(work) for _ in range(sealers)]
        try:
            yield
        finally:
            ended.set()
        for one in running:
            one.result()


@contextmanager
def log_of(folder: Path, database_url: str) -> Iterator[Log]:
    """A desk's log; its heads are in `folder`."""
    with worlds.world(folder, database_url=database_url) as made:
        signing = replace(made.desk, store=Store(made.desk.store.engine, KEY))
        yield Log(signing, HeadsFile(folder / "audit-heads.log"))


@pytest.fixture
def log(tmp_path: Path, database_url: str) -> Iterator[Log]:
    """An empty one."""
    with log_of(tmp_path, database_url) as made:
        yield made

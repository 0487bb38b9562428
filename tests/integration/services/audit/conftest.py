"""An audit log with the file of its heads, and somebody who owns the database."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from cardpay.domain.audit_chain import AuditKey, Head, audit_key
from cardpay.services.audit.record_act import record
from cardpay.services.audit.verify_chain import Verification, verify
from cardpay.services.audit.write_heads import HeadWriter
from cardpay.services.desk import Desk
from cardpay.storage.audit.heads_file import HeadsFile
from cardpay.storage.database.engine import Session, Store
from cardpay.storage.schema.tables import AuditEntry
from tests.support.desks import worlds
from tests.support.desks.worlds import AGENT

OTHER_KEY = audit_key("fedcba9876543210fedcba9876543210")
_TABLES = ("audit_entry", "audit_head", "audit_tombstone")


def note(session: Session, desk: Desk, subject: str = "payment-1") -> None:
    """Somebody does something, in a transaction."""
    record(
        session,
        AGENT,
        "payment.status",
        ("payment", subject),
        at=desk.now(),
        before={"status": None},
        after={"status": "succeeded", "amount_minor": 1_200},
    )


@dataclass
class Log:
    """The log of one desk and the file of its heads."""

    desk: Desk
    heads: HeadsFile

    def __post_init__(self) -> None:
        self.writer = self.another_writer()

    @property
    def keys(self) -> tuple[AuditKey, ...]:
        """The desk's."""
        return self.desk.store.audit_keys

    def with_keys(self, *keys: AuditKey) -> "Log":
        """The same log in a process with other keys."""
        store = Store(self.desk.store.engine, keys)
        return Log(replace(self.desk, store=store), self.heads)

    def restarted(self) -> "Log":
        """The same log in a new process."""
        return self.with_keys(*self.keys)

    def another_writer(self) -> HeadWriter:
        """That of a process that has just begun, and wrote nothing itself."""
        store = Store(self.desk.store.engine, self.desk.store.audit_keys)
        return HeadWriter(store, self.heads, self.desk.now)

    def act(self, *counts: int) -> None:
        """So many entries in a transaction each, and the head is written down."""
        for count in counts:
            with self.desk.store.transaction() as session:
                for _ in range(count):
                    note(session, self.desk)
        self.write_head()

    def write_head(self) -> None:
        """One pass of this process's writer."""
        HeadWriter(self.desk.store, self.heads, self.desk.now).write()

    def verify(
        self, keys: Sequence[AuditKey] | None = None, *, after: timedelta = timedelta()
    ) -> Verification:
        """As `doctor` does it, some time later."""
        return verify(
            self.desk.store,
            self.keys if keys is None else keys,
            self.heads.lines(),
            self.desk.now() + after,
        )

    def problems(self, *, after: timedelta = timedelta()) -> list[str]:
        """What is wrong."""
        return list(self.verify(after=after).problems)

    def logged(self) -> list[int]:
        """The numbers of the heads that are written down."""
        return [line.number for line in self.heads.lines() if isinstance(line, Head)]

    def numbers(self) -> list[int]:
        """The numbers of all entries."""
        with self.desk.store.reading() as session:
            return list(session.exec(select(AuditEntry.id).order_by(col(AuditEntry.id))))

    def tamper(self, *statements: str) -> None:
        """Change the database as its owner can: the triggers go first."""
        with self.desk.store.engine.begin() as connection:
            on_postgresql = connection.dialect.name == "postgresql"
            for table in _TABLES:
                for event in ("update", "delete"):
                    where = f" ON {table}" if on_postgresql else ""
                    connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{event}{where}"))
            for statement in statements:
                connection.exec_driver_sql(statement)


@contextmanager
def log_of(folder: Path, database_url: str) -> Iterator[Log]:
    """A desk's log; its heads are in `folder`."""
    with worlds.world(folder, database_url=database_url) as made:
        yield Log(made.desk, HeadsFile(folder / "audit-heads.log"))


@pytest.fixture
def log(tmp_path: Path, database_url: str) -> Iterator[Log]:
    """An empty one."""
    with log_of(tmp_path, database_url) as made:
        yield made

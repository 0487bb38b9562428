"""A process that imports a history, and may stand still at one of its commits."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection

from sqlalchemy import Engine

from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.stripe_account import Mode, StripeAccount
from cardpay.gateway.stripe_gateway import StripeGateway
from cardpay.services.desk import Desk
from cardpay.services.history.begin_import import import_history
from cardpay.storage.database.engine import Session, Store, connect
from tests.benchmarks.backfill.past_objects import ACCOUNT
from tests.support.desks.worlds import AUDIT_KEYS
from tests.support.processes.servers import SECRET_KEY

HALTED = "halted"
DONE = "done"
Halt = tuple[str, int]  # "before" or "after" the commit of this number


class _HaltingStore(Store):
    """Stands still at its n-th transaction: all written and nothing committed, or just after."""

    def __init__(self, engine: Engine, halt: Halt, stand_still: Callable[[], None]) -> None:
        super().__init__(engine, AUDIT_KEYS)
        self._where, self._left = halt
        self._stand_still = stand_still

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        self._left -= 1
        halts = self._left == 0
        with super().transaction() as session:
            yield session
            session.flush()
            if halts and self._where == "before":
                self._stand_still()
        if halts:
            self._stand_still()


def work(database_url: str, url: str, minutes: int, halt: Halt | None, told: Connection) -> None:
    """The process: it says HALTED where it stands still, or DONE when all is imported.

    Its clock is `minutes` ahead, so that the lease of one that was killed before has run out.
    """

    def stand_still() -> None:
        told.send(HALTED)
        signal.pause()  # until the test kills it

    engine = connect(database_url)
    desk = Desk(
        _HaltingStore(engine, halt, stand_still) if halt else Store(engine, AUDIT_KEYS),
        StripeGateway(SECRET_KEY, api_base=url),
        StripeAccount(Mode.TEST, str(ACCOUNT["id"]), livemode=False),
        moto=False,
        now=lambda: datetime.now(UTC) + timedelta(minutes=minutes),
    )
    import_history(desk, SYSTEM, requests_per_second=1_000)
    told.send(DONE)

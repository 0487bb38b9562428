"""A process that imports a history, and may stand still at one of its commits.

`python -m tests.integration.history.importer DATABASE URL MINUTES HALT`: the clock is MINUTES
ahead, so that the lease of one that was killed before has run out; HALT is "never", or "before"
or "after" with the number of a commit. It writes HALTED where it stands still.
"""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from cardpay.domain.actor import SYSTEM
from cardpay.gateway.stripe_gateway import StripeGateway
from cardpay.services.backfill import backfill
from cardpay.services.desk import Books, Desk, Mode
from cardpay.storage.engine import Session, Store, connect
from tests.benchmarks.past_objects import ACCOUNT
from tests.support.servers import SECRET_KEY

HALTED = "halted"


class _HaltingStore(Store):
    """Stands still at its n-th transaction: all written and nothing committed, or just after."""

    def __init__(self, engine: Engine, where: str, number: int) -> None:
        super().__init__(engine)
        self._where = where
        self._left = number

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        self._left -= 1
        halts = self._left == 0
        with super().transaction() as session:
            yield session
            session.flush()
            if halts and self._where == "before":
                _stand_still()
        if halts:
            _stand_still()


def _stand_still() -> None:
    sys.stdout.write(f"{HALTED}\n")
    sys.stdout.flush()
    signal.pause()  # until the test kills it


def main(database_url: str, url: str, minutes: str, where: str, number: str = "0") -> None:
    """Import, as far as it goes."""
    engine = connect(database_url)
    desk = Desk(
        Store(engine) if where == "never" else _HaltingStore(engine, where, int(number)),
        StripeGateway(SECRET_KEY, api_base=url),
        Books(Mode.TEST, str(ACCOUNT["id"]), livemode=False),
        moto=False,
        now=lambda: datetime.now(UTC) + timedelta(minutes=int(minutes)),
    )
    backfill(desk, SYSTEM, requests_per_second=1_000)


if __name__ == "__main__":
    main(*sys.argv[1:])

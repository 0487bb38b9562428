"""Work that one process at a time may do."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from cardpay.storage.database.engine import connect
from cardpay.storage.database.lease import LEASE_TIME, LeaseLost, acquire_lease


class _Time:
    """A clock that stands still unless it is turned."""

    def __init__(self) -> None:
        self.now_at = datetime(2024, 2, 29, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now_at


@pytest.fixture
def engines(database_url: str) -> Iterator[tuple[Engine, Engine]]:
    """Two processes' connections to one database."""
    pair = connect(database_url), connect(database_url)
    yield pair
    for engine in pair:
        engine.dispose()


def test_the_second_is_told_at_once(engines: tuple[Engine, Engine]) -> None:
    """Other work goes on meanwhile, and afterwards the next one may."""
    one, other = engines
    with acquire_lease(one, "recovery") as first:
        assert first is not None
        first.renew()
        with (
            acquire_lease(other, "recovery") as second,
            acquire_lease(other, "backfill") as another,
        ):
            assert second is None
            assert another is not None
        with acquire_lease(one, "recovery") as again:
            assert again is None
        first.renew()
    with acquire_lease(other, "recovery") as next_one:
        assert next_one is not None


def test_a_failure_gives_it_back(engines: tuple[Engine, Engine]) -> None:
    """The next one need not wait."""
    one, other = engines
    with pytest.raises(ZeroDivisionError), acquire_lease(one, "recovery"):
        raise ZeroDivisionError
    with acquire_lease(other, "recovery") as lease:
        assert lease is not None


def test_who_lost_it_is_told(engines: tuple[Engine, Engine]) -> None:
    """A process that stood still for too long, or lost its connection, must stop."""
    one, other = engines
    time = _Time()
    with acquire_lease(one, "recovery", time) as first:
        assert first is not None
        if one.dialect.name == "postgresql":
            with other.connect() as connection:
                connection.execute(
                    text(
                        "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks"
                        " WHERE locktype = 'advisory'"
                    )
                )
        else:
            time.now_at += LEASE_TIME
        with acquire_lease(other, "recovery", time) as second:
            assert second is not None
            with pytest.raises(LeaseLost):
                first.renew()
            second.renew()


def test_work_that_goes_on_keeps_it(engines: tuple[Engine, Engine]) -> None:
    """However long it takes."""
    one, other = engines
    time = _Time()
    with acquire_lease(one, "backfill", time) as first:
        assert first is not None
        for _ in range(5):
            time.now_at += LEASE_TIME - timedelta(seconds=1)
            first.renew()
        with acquire_lease(other, "backfill", time) as second:
            assert second is None

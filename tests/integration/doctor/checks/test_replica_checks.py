"""The replica in the states in which one may find it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from cardpay.doctor.check_context import CheckContext
from cardpay.doctor.checks import replica_checks
from cardpay.doctor.findings import Level
from cardpay.storage.database.replica import Look, Replica
from tests.integration.doctor.check_contexts import DEMO, context_for, told, world_context
from tests.support.databases.replicated import Replicated
from tests.support.desks import worlds
from tests.support.desks.worlds import World

pytestmark = pytest.mark.full

NAME = "CARDPAY_REPORTING_DATABASE_URL"


@pytest.fixture
def found(replicated: Replicated, tmp_path: Path) -> Iterator[tuple[World, str]]:
    """A desk on a server, and the address of its replica."""
    with (
        replicated.copy() as (url, replica_url),
        worlds.world(tmp_path, database_url=url) as world,
    ):
        world_context(world).close()  # the database becomes its account's
        replicated.standby.catch_up(replicated.primary)
        yield world, replica_url


def look(context: CheckContext) -> tuple[Level | None, str]:
    """What the doctor says."""
    said = told(replica_checks.replica(context))
    context.close()
    return said


def test_a_good_one(found: tuple[World, str]) -> None:
    """It answers, is a standby, has the same books and is not behind."""
    world, url = found
    assert look(world_context(world, **{NAME: url})) == (
        Level.OK,
        "The replica answers; it is a standby server with the same books, and not behind.",
    )


def test_none_is_asked_for(found: tuple[World, str]) -> None:
    """Nor looked at where other settings are wrong."""
    assert look(world_context(found[0])) == (None, "")
    wrong = context_for(DEMO, {"CARDPAY_DATABASE_URL": "sqlite:///desk.db", NAME: found[1]})
    assert look(wrong) == (None, "")


def test_one_that_is_not_read_fails(found: tuple[World, str]) -> None:
    """With the reason."""
    world, _ = found
    assert look(world_context(world, **{NAME: "postgresql://127.0.0.1:9/desk"})) == (
        Level.FAIL,
        "The replica is not read: nothing answers at its address.",
    )


def test_one_that_is_behind_is_a_warning(
    found: tuple[World, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the minute on from which it is shown."""
    world, url = found
    monkeypatch.setattr(Replica, "look", lambda _: Look(behind=timedelta(minutes=7)))
    assert look(world_context(world, **{NAME: url})) == (
        Level.WARN,
        "The replica is 7 minutes behind.",
    )

"""The audit log's key and heads."""

import os
from pathlib import Path
from typing import Any

import pytest

from cardpay.doctor.checks import audit_checks
from cardpay.doctor.findings import Level
from cardpay.services.audit.write_heads import write_head
from cardpay.storage.audit.heads_file import HeadsFile
from tests.integration.doctor.check_contexts import LIVE, TEST, context_for, told, world_context
from tests.support.desks.worlds import World
from tests.support.processes.servers import AUDIT_KEY

OK, WARN, FAIL = Level.OK, Level.WARN, Level.FAIL
KEY = "k" * 32


@pytest.mark.parametrize(
    ("given", "level", "words"),
    [
        pytest.param({**TEST, "CARDPAY_AUDIT_KEY": KEY}, OK, "There is a key", id="set"),
        pytest.param({**TEST, "CARDPAY_AUDIT_KEY": "k"}, FAIL, "at least 32", id="too short"),
        pytest.param(TEST, OK, "one is made when the desk first starts", id="none yet"),
        pytest.param(LIVE, FAIL, "CARDPAY_AUDIT_KEY is missing", id="live"),
    ],
)
def test_key(tmp_path: Path, given: dict[str, Any], level: Level, words: str) -> None:
    """As the desk's start judges it; none is made here."""
    database = f"sqlite:///{tmp_path / 'desk.db'}"
    found = told(audit_checks.key(context_for(given, CARDPAY_DATABASE_URL=database)))
    assert (found[0], words in found[1]) == (level, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("keys", "level"),
    [(KEY, FAIL), (f"{KEY},{AUDIT_KEY}", OK), (AUDIT_KEY, OK)],
    ids=["another", "replaced", "the same"],
)
def test_the_key_of_the_last_entry(world: World, keys: str, level: Level) -> None:
    """Without it the log cannot be verified."""
    world.created()
    context = world_context(world, CARDPAY_AUDIT_KEY=keys)
    assert told(audit_checks.key(context))[0] is level
    context.close()


def test_a_key_that_is_gone(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its file is not made anew over entries that it protects."""
    monkeypatch.chdir(tmp_path)
    world.created()
    context = world_context(world)
    level, words = told(audit_checks.key(context))
    assert (level, "there can be no key" in words) == (FAIL, True)
    context.close()


def test_heads(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No entries, written down, not to be written, lagging, gone; nothing is written here."""
    file = tmp_path / "elsewhere" / "heads.log"
    context = world_context(world, CARDPAY_AUDIT_HEADS=file)
    assert audit_checks.heads(context) is None
    world.created()
    assert told(audit_checks.heads(context))[0] is OK  # a moment may pass
    write_head(world.desk.store, HeadsFile(file), world.desk.now)
    world.clock.advance(minutes=2)
    assert told(audit_checks.heads(context))[0] is OK
    with monkeypatch.context() as owned_by_another:
        owned_by_another.setattr(os, "access", lambda *_: False)  # root may write anything
        level, words = told(audit_checks.heads(context))
        assert (level, "cannot be written" in words) == (WARN, True)
    written = file.read_text()
    for left in ("", written[:20], None):
        file.unlink()
        if left is not None:
            file.write_text(left)
        level, words = told(audit_checks.heads(context))
        assert (level, f"was not written to {file} for 2 minutes" in words) == (FAIL, True)
    assert not file.exists()
    file.write_text(written)
    world.created(order_reference="SO-2")
    world.clock.advance(minutes=2)
    assert told(audit_checks.heads(context))[0] is FAIL
    context.close()


@pytest.mark.parametrize(
    ("line_at", "level"),
    [
        pytest.param("2025-02-28T11:59:30+00:00", OK, id="just now"),
        pytest.param("2025-02-28T11:58:00+00:00", FAIL, id="too long ago"),
        pytest.param("2035-02-28T11:58:00+00:00", FAIL, id="ahead"),
        pytest.param("2025-02-28T11:59:30", FAIL, id="no zone"),
        pytest.param("yesterday", FAIL, id="no time"),
    ],
)
def test_heads_of_entries_of_the_past(
    world: World, tmp_path: Path, line_at: str, level: Level
) -> None:
    """The demo writes entries of a year ago: the file lags from its own last line's time."""
    file = tmp_path / "heads.log"
    context = world_context(world, CARDPAY_AUDIT_HEADS=file)
    world.created()
    write_head(world.desk.store, HeadsFile(file), world.desk.now)
    world.created(order_reference="SO-2")
    world.clock.advance(days=365)
    file.write_text(f"{line_at} {file.read_text().split(' ', 1)[1]}")
    assert told(audit_checks.heads(context))[0] is level
    context.close()


@pytest.mark.parametrize(
    ("given", "level"),
    [
        pytest.param(LIVE, WARN, id="by default"),
        pytest.param({**LIVE, "CARDPAY_AUDIT_HEADS": "FOLDER/heads.log"}, WARN, id="beside"),
        pytest.param({**LIVE, "CARDPAY_AUDIT_HEADS": "FOLDER/log/heads.log"}, OK, id="elsewhere"),
        pytest.param(TEST, None, id="test mode"),
        pytest.param(
            {**LIVE, "CARDPAY_DATABASE_URL": "postgresql://db/desk"}, None, id="PostgreSQL"
        ),
    ],
)
def test_place(tmp_path: Path, given: dict[str, Any], level: Level | None) -> None:
    """Whoever can change the database's file can change what is beside it."""
    here = {name: str(value).replace("FOLDER", str(tmp_path)) for name, value in given.items()}
    database = {"CARDPAY_DATABASE_URL": f"sqlite:///{tmp_path / 'desk.db'}"}
    assert told(audit_checks.place(context_for(database, here)))[0] is level


def test_without_a_database_nothing_is_asked() -> None:
    """The database's own checks have said why."""
    context = context_for(TEST, CARDPAY_DATABASE_URL="sqlite:///nowhere/desk.db")
    assert audit_checks.heads(context) is None

"""Sessions on the server: begun once, kept while they may be, ended everywhere at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlmodel import select

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Role
from cardpay.domain.access.sign_in import (
    AccessDenied,
    Admission,
    Answer,
    EndReason,
    Identity,
    SignedOut,
    read_identity,
)
from cardpay.services.access import sessions
from cardpay.storage.schema.session_tables import Person, SignInSession
from cardpay.storage.schema.tables import AuditEntry
from tests.support.desks.worlds import World

pytestmark = pytest.mark.one_database

ADMISSION = Admission({"agents": frozenset({Role.AGENT})}, contact="the office manager")


def identity(
    world: World, *, group: str = "agents", nonce: str = "1", lasts: timedelta = timedelta(days=2)
) -> Identity:
    """Somebody who has just signed in."""
    now = world.clock.now()
    found = read_identity(
        {
            "iss": "https://id.example.com",
            "sub": "1",
            "iat": now.timestamp(),
            "exp": (now + lasts).timestamp(),
            "nonce": nonce,
            "name": "Person One",
            "groups": [group],
        },
        "groups",
    )
    assert found is not None
    return found


def begun(world: World, person: Identity) -> Identity:
    """The person, back from the provider."""
    sessions.begin(world.desk, ADMISSION, Answer(person), "192.0.2.1", "Firefox on Windows")
    return person


def enter(world: World, person: Identity) -> Actor:
    """One full run of a page."""
    return sessions.enter(world.desk, ADMISSION, person, "192.0.2.1")


def sign_in(world: World, person: Identity) -> Actor:
    """From the provider to the first page."""
    return enter(world, begun(world, person))


def acts(world: World) -> list[tuple[str, str]]:
    """The audited acts with why, first to last."""
    with world.desk.store.reading() as session:
        rows = session.exec(select(AuditEntry).order_by("id")).all()
        return [(row.act, row.after.get("reason", "")) for row in rows]


def reason_of(world: World, person: Identity) -> EndReason:
    """Why the person is shown the door."""
    with pytest.raises(SignedOut) as refused:
        enter(world, person)
    return refused.value.reason


@pytest.mark.both_databases
def test_a_session_begins_once(world: World) -> None:
    """However often and at however many tabs the person comes."""
    person = begun(world, identity(world))
    with ThreadPoolExecutor(8) as tabs:
        actors = list(tabs.map(lambda _: enter(world, person), range(16)))
    assert {actor.actor_id for actor in actors} == {person.actor_id}
    assert actors[0].roles == {Role.AGENT}
    assert acts(world) == [("sign_in", "")]


def test_the_name_can_be_erased_and_the_books_stay(world: World) -> None:
    """It stands in one row, and in no audit entry."""
    person = begun(world, identity(world))
    enter(world, person)
    with world.desk.store.transaction() as session:
        row = session.get(Person, person.actor_id)
        assert row is not None
        assert row.name == "Person One"
        session.delete(row)
        for entry in session.exec(select(AuditEntry)):
            assert "Person" not in str(entry.model_dump())


@pytest.mark.parametrize(
    ("lasts", "steps", "reason"),
    [
        pytest.param(timedelta(days=2), [29, 29, 31], EndReason.IDLE, id="idle"),
        pytest.param(timedelta(days=2), [29] * 25, EndReason.TOO_OLD, id="too old"),
        pytest.param(timedelta(hours=1), [29, 29, 3], EndReason.PROVIDER, id="provider"),
    ],
)
def test_a_session_ends_by_itself(
    world: World, lasts: timedelta, steps: list[int], reason: EndReason
) -> None:
    """Thirty idle minutes, twelve hours, or the token's own end; audited once, and for good."""
    person = begun(world, identity(world, lasts=lasts))
    actor = enter(world, person)
    for minutes in steps[:-1]:
        world.clock.advance(minutes=minutes)
        enter(world, person)
    world.clock.advance(minutes=steps[-1])
    assert actor.guard is not None
    with pytest.raises(SignedOut):
        actor.guard.check()
    assert reason_of(world, person) is reason
    assert reason_of(world, person) is reason
    assert acts(world) == [("sign_in", ""), ("sign_out", reason.value)]


def test_looking_does_not_count_as_use(world: World) -> None:
    """A page that looks by itself keeps nobody signed in."""
    person = begun(world, identity(world))
    actor = enter(world, person)
    assert actor.guard is not None
    for _ in range(29):
        world.clock.advance(minutes=1)
        actor.guard.check()
    world.clock.advance(minutes=2)
    assert reason_of(world, person) is EndReason.IDLE


def test_a_sign_out_ends_every_tab(world: World) -> None:
    """And the cookie, replayed, brings nothing back; another sign-in does."""
    person = begun(world, identity(world))
    here, there = enter(world, person), enter(world, person)
    sessions.sign_out(world.desk, here)
    sessions.sign_out(world.desk, there)
    assert there.guard is not None
    with pytest.raises(SignedOut):
        there.guard.check()
    assert reason_of(world, person) is EndReason.SIGNED_OUT
    assert enter(world, begun(world, identity(world, nonce="2"))).roles == {Role.AGENT}
    assert [act for act, _ in acts(world)] == ["sign_in", "sign_out", "sign_in"]


def test_a_cookie_alone_begins_no_session(world: World) -> None:
    """Where its row was cleared away, or never was: the provider's answer begins one."""
    person = begun(world, identity(world))
    with world.desk.store.transaction() as session:
        session.delete(session.get(SignInSession, person.session_id))
    assert reason_of(world, person) is EndReason.SIGNED_OUT


def test_a_stranger_is_audited_once(world: World) -> None:
    """And keeps no name with us."""
    person = begun(world, identity(world, group="gardening"))
    for _ in range(3):
        with pytest.raises(AccessDenied, match="To get access, ask the office manager"):
            enter(world, person)
    assert acts(world) == [("sign_in.denied", "")]
    with world.desk.store.reading() as session:
        assert session.get(Person, person.actor_id) is None


def test_a_role_that_is_taken_away_is_gone_at_once(world: World) -> None:
    """What counts is the table of now, not that of the sign-in."""
    person = begun(world, identity(world))
    enter(world, person)
    with pytest.raises(AccessDenied):
        sessions.enter(world.desk, Admission({"others": frozenset({Role.AGENT})}), person, "test")

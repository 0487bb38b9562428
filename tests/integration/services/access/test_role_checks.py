"""A role that the provider took away: gone at once for money, and in a quarter of an hour else."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, timedelta
from uuid import uuid4

import pytest
from sqlmodel import select

from cardpay.domain.access.actor import SYSTEM, Actor
from cardpay.domain.access.permissions import Permission, Role
from cardpay.domain.access.role_check_rules import MOVES_MONEY, AccessUnchecked
from cardpay.domain.access.sign_in import AccessDenied, Admission, Answer, EndReason, SignedOut
from cardpay.domain.company import DEMO_COMPANY
from cardpay.domain.errors import NotAllowed, PaymentNotFound
from cardpay.identity_provider import bounded_http, one_asks, openid_provider
from cardpay.reporting.payment_page.payment_details import payment_details
from cardpay.reporting.payment_page.payment_page import payment_page
from cardpay.reporting.payments.payment_filter import EVERY_PAYMENT
from cardpay.reporting.payments.payment_totals import payment_totals
from cardpay.reporting.payments.payments_list import payments_page
from cardpay.reporting.payments.receipts import receipt
from cardpay.services.access import sessions
from cardpay.services.access.role_checks import check_all
from cardpay.services.after_payment.notes import add_note
from cardpay.services.taking.cancel_payment import cancel_payment
from cardpay.storage.schema.session_tables import SignInSession
from cardpay.storage.schema.tables import AuditEntry
from tests.support.desks.worlds import World
from tests.support.processes.openid_stand_in import OpenIdStandIn, openid_stand_in
from tests.support.processes.waiting import PATIENCE_SECONDS, wait_for
from tests.support.secrets.log_lines import read, written

ROLES = {
    "agents": frozenset({Role.AGENT}),
    "leads": frozenset({Role.SUPERVISOR}),
    "readers": frozenset({Role.ANALYST}),
}
_P = Permission


@dataclass
class SignedIn:
    """Somebody at work, and the provider that knows them."""

    world: World
    there: OpenIdStandIn
    admission: Admission
    answer: Answer

    def enter(self) -> Actor:
        """One run of a page."""
        return sessions.enter(self.world.desk, self.admission, self.answer.identity, "192.0.2.1")

    def asked(self) -> int:
        """How often the provider was asked again."""
        return sum(form["grant_type"] == "refresh_token" for form in self.there.asked)

    def check_all(self) -> None:
        """What runs each minute."""
        check_all(self.world.desk, self.admission, lambda: True)

    def row(self) -> SignInSession:
        """What is stored."""
        with self.world.desk.store.reading() as session:
            return session.exec(select(SignInSession)).one()


@pytest.fixture
def person(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[SignedIn]:
    """An agent who is a supervisor too, and has just signed in."""
    monkeypatch.setattr(openid_provider, "_PAUSE_SECONDS", 0.0)
    with openid_stand_in(groups=["agents", "leads"]) as there:
        yield signed_in(world, there)


def signed_in(world: World, there: OpenIdStandIn) -> SignedIn:
    """Somebody, back from the provider."""
    provider = there.provider()
    answer = there.signs_in(provider)
    admission = Admission(ROLES, provider=provider)
    sessions.begin(world.desk, admission, answer, "192.0.2.1", "Firefox on Windows")
    return SignedIn(world, there, admission, answer)


def acts(world: World) -> list[str]:
    """What the audit log has, first to last."""
    with world.desk.store.reading() as session:
        return [row.act for row in session.exec(select(AuditEntry).order_by("id"))]


@pytest.mark.parametrize("permission", sorted(MOVES_MONEY))
def test_money_asks_at_that_moment(person: SignedIn, permission: Permission) -> None:
    """A minute after the sign-in: the role is gone, and the open page's act is refused."""
    actor = person.enter()
    actor.require(permission)
    person.world.clock.advance(minutes=1)
    person.there.claims["groups"] = ["readers"]
    actor.require(_P.BROWSE_PAYMENTS)
    assert person.asked() == 0
    with pytest.raises(NotAllowed):
        actor.require(permission)
    assert person.asked() == 1
    assert person.enter().roles == {Role.ANALYST}
    assert acts(person.world) == ["sign_in", "sign_in.roles", "denied"]
    assert person.row().roles == "analyst"


def test_one_press_asks_once(person: SignedIn) -> None:
    """Its steps are one act; the next press asks again, and drawing a page never does."""
    actor = person.enter()
    person.world.clock.advance(minutes=1)
    for _ in range(3):
        actor.require(_P.TAKE_PAYMENT)
    assert person.asked() == 1
    person.world.clock.advance(seconds=30)
    for _ in range(3):
        actor.require_to_look(_P.TAKE_PAYMENT)
        person.enter()
    assert person.asked() == 1
    actor.require(_P.REFUND_PAYMENT)
    assert person.asked() == 2


def test_whoever_lost_every_role_is_a_stranger(person: SignedIn) -> None:
    """At the next act and at the next page."""
    actor = person.enter()
    person.world.clock.advance(minutes=1)
    person.there.claims["groups"] = []
    with pytest.raises(NotAllowed):
        actor.require(_P.REFUND_PAYMENT)
    with pytest.raises(NotAllowed):
        actor.require(_P.BROWSE_PAYMENTS)
    with pytest.raises(AccessDenied):
        person.enter()


def test_an_open_page_shows_no_more_than_the_roles_of_now(person: SignedIn) -> None:
    """A supervisor until just now sees as an agent: others' old payments are gone everywhere."""
    desk, old = person.world.desk, person.world.created()
    person.world.clock.advance(hours=25)
    person.answer = person.there.signs_in(person.there.provider())
    sessions.begin(desk, person.admission, person.answer, "192.0.2.1", "Firefox on Windows")
    actor = person.enter()
    store, now = desk.store, desk.now()
    reads: list[Callable[[], object]] = [
        lambda: payment_page(store, actor, old.payment_id, now),
        lambda: payment_details(store, actor, old.payment_id, now=now),
        lambda: receipt(store, actor, DEMO_COMPANY, old.payment_id, now=now),
        lambda: add_note(desk, actor, old.payment_id, "Called back", str(uuid4())),
        lambda: cancel_payment(desk, actor, old.payment_id),
    ]
    assert len(payments_page(store, actor, now=now).frame) == 1
    reads[0]()
    person.there.claims["groups"] = ["agents"]
    person.world.clock.advance(minutes=15)
    assert payments_page(store, actor, now=now).frame.empty
    assert payment_totals(store, actor, EVERY_PAYMENT, UTC, now).payments == 0
    for read_it in reads:
        with pytest.raises(PaymentNotFound):
            read_it()
    assert payment_details(store, SYSTEM, old.payment_id).status == old.status


def test_the_background_asks_before_anybody_waits(person: SignedIn) -> None:
    """Ten minutes after the last answer, of those at work; what it finds counts at once."""
    actor = person.enter()
    person.world.clock.advance(minutes=9)
    person.check_all()
    assert person.asked() == 0
    person.world.clock.advance(minutes=2)
    person.there.claims["groups"] = ["readers"]
    person.check_all()
    assert person.asked() == 1
    with pytest.raises(NotAllowed):
        actor.require(_P.ADD_NOTE)
    person.world.clock.advance(minutes=40)
    person.check_all()
    assert person.asked() == 1  # idle for so long, the session has ended


def test_without_the_background_a_page_asks_after_a_quarter_of_an_hour(person: SignedIn) -> None:
    """Whoever reads is asked about at the latest then."""
    actor = person.enter()
    person.there.claims["groups"] = ["agents"]
    person.world.clock.advance(minutes=14)
    assert person.enter().roles == {Role.AGENT, Role.SUPERVISOR}
    person.world.clock.advance(minutes=1)
    with pytest.raises(NotAllowed):
        actor.require(_P.SEE_BOOKS)
    assert person.enter().roles == {Role.AGENT}
    assert person.asked() == 1


@pytest.mark.parametrize("how", ["refused", "another person"])
def test_a_sign_in_that_the_provider_ended_is_over(person: SignedIn, how: str) -> None:
    """The account is blocked, or the answer is about somebody else: out, and not in again."""
    actor = person.enter()
    person.world.clock.advance(minutes=1)
    if how == "refused":
        person.there.refuses = "invalid_grant"
    else:
        person.there.claims["sub"] = "2"
    with pytest.raises(SignedOut):
        actor.require(_P.TAKE_PAYMENT)
    for again in (person.enter, actor.guard.check if actor.guard else person.enter):
        with pytest.raises(SignedOut) as out:
            again()
        assert out.value.reason is EndReason.PROVIDER
    assert person.row().token is None
    assert acts(person.world)[-1] == "sign_out"


def _down(there: OpenIdStandIn) -> None:
    there.status, there.payload = 503, b"down"


def _misset(there: OpenIdStandIn) -> None:
    there.refuses = "invalid_client"


@pytest.mark.parametrize("broken", [_down, _misset])
def test_while_the_provider_is_silent(
    person: SignedIn, broken: Callable[[OpenIdStandIn], None]
) -> None:
    """Money goes by an answer of five minutes ago, reading by one of fifteen; then they wait."""
    actor = person.enter()
    broken(person.there)
    person.world.clock.advance(minutes=4)
    actor.require(_P.TAKE_PAYMENT)
    person.world.clock.advance(minutes=2)
    with pytest.raises(AccessUnchecked, match=r"Nothing was sent to Stripe\. Try again"):
        actor.require(_P.TAKE_PAYMENT)
    actor.require(_P.BROWSE_PAYMENTS)
    person.check_all()
    person.enter()
    person.world.clock.advance(minutes=9)
    with pytest.raises(AccessUnchecked, match=r"check your access\. Try again"):
        actor.require(_P.BROWSE_PAYMENTS)
    with pytest.raises(AccessUnchecked):
        person.enter()
    person.there.status, person.there.payload, person.there.refuses = 200, None, None
    assert person.enter().roles == {Role.AGENT, Role.SUPERVISOR}
    actor.require(_P.TAKE_PAYMENT)
    assert acts(person.world) == ["sign_in"]


def test_after_a_silence_money_asks_again(
    person: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though nobody else is asked about for a while: the role may be gone by then."""
    actor = person.enter()
    monkeypatch.setattr(openid_provider, "_PAUSE_SECONDS", 3_600.0)
    person.world.clock.advance(minutes=3)
    _down(person.there)
    actor.require(_P.REFUND_PAYMENT)
    person.there.status, person.there.payload = 200, None
    person.there.claims["groups"] = ["agents"]
    asked = person.asked()
    person.world.clock.advance(minutes=8)
    person.check_all()
    assert person.asked() == asked
    person.world.clock.advance(minutes=-8)
    with pytest.raises(NotAllowed):
        actor.require(_P.REFUND_PAYMENT)


def test_a_provider_that_gives_no_refresh_token(world: World) -> None:
    """Five minutes for money, fifteen for reading; then one signs in again."""
    with openid_stand_in(groups=["agents"]) as there:
        there.gives_refresh_tokens = False
        person = signed_in(world, there)
        actor = person.enter()
        actor.require(_P.TAKE_PAYMENT)
        world.clock.advance(minutes=4)
        actor.require(_P.TAKE_PAYMENT)
        world.clock.advance(minutes=2)
        with pytest.raises(SignedOut) as out:
            actor.require(_P.TAKE_PAYMENT)
        assert out.value.reason is EndReason.UNCHECKED
        there.claims["sub"] = "2"
        other = signed_in(world, there)
        world.clock.advance(minutes=14)
        other.enter()
        world.clock.advance(minutes=1)
        with pytest.raises(SignedOut):
            other.enter()


def test_two_tabs_ask_once(person: SignedIn) -> None:
    """A provider that gives new tokens takes an old one for stolen: nobody uses one twice."""
    actor = person.enter()
    person.world.clock.advance(minutes=6)
    together = threading.Barrier(6)

    def press() -> None:
        together.wait()
        actor.require(_P.TAKE_PAYMENT)

    with ThreadPoolExecutor(6) as tabs:
        for done in [tabs.submit(press) for _ in range(6)]:
            done.result()
    assert person.asked() == 1


def test_nobody_waits_long_for_who_asks(person: SignedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """All requests of a session would else hold a thread each, and nobody has one left."""
    monkeypatch.setattr(bounded_http, "SECONDS", 2 * PATIENCE_SECONDS)
    monkeypatch.setattr(one_asks, "_LONGEST_WAIT_SECONDS", 0.1)
    actor = person.enter()
    answers = threading.Event()
    person.there.wait = answers.wait  # type: ignore[assignment]
    person.world.clock.advance(minutes=6)
    with ThreadPoolExecutor(2) as tabs:
        try:
            first = tabs.submit(actor.require, _P.TAKE_PAYMENT)
            wait_for(lambda: person.asked() == 1, "nobody asks")
            second = tabs.submit(actor.require, _P.TAKE_PAYMENT)
            with pytest.raises(AccessUnchecked):
                second.result(timeout=10)
        finally:
            answers.set()
        first.result()
    assert person.asked() == 1


def test_another_process_asks_meanwhile(person: SignedIn) -> None:
    """What moves money goes by the last answer while that is five minutes old at most."""
    actor = person.enter()
    person.world.clock.advance(minutes=4)
    with person.world.desk.store.transaction() as session:
        row = session.get(SignInSession, person.answer.identity.session_id)
        assert row is not None
        row.checking_until = person.world.clock.now() + timedelta(seconds=20)
        session.add(row)
    actor.require(_P.TAKE_PAYMENT)
    assert person.asked() == 0
    person.world.clock.advance(seconds=21)
    actor.require(_P.TAKE_PAYMENT)
    assert person.asked() == 1


def test_no_token_is_stored_or_logged(person: SignedIn) -> None:
    """In the row it is sealed; an ended session keeps none."""
    with written() as stream:
        actor = person.enter()
        person.world.clock.advance(minutes=1)
        actor.require(_P.TAKE_PAYMENT)
        _down(person.there)
        person.world.clock.advance(minutes=6)
        with pytest.raises(AccessUnchecked):
            actor.require(_P.TAKE_PAYMENT)
    stored = person.row()
    assert stored.token is not None
    assert "refresh-" not in stored.token
    assert "refresh-" not in stream.getvalue()
    assert stored.token not in stream.getvalue()
    assert "access unchecked" in {line["event"] for line in read(stream)}
    sessions.sign_out(person.world.desk, actor)
    assert person.row().token is None

"""One object that cannot be read stops neither an import nor a comparison."""

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import pytest
from sqlmodel import col, select, update

from cardpay.domain.access.actor import SYSTEM
from cardpay.gateway import snapshot_parsing
from cardpay.gateway.errors import ObjectUnreadable
from cardpay.gateway.pagination import Unreadable
from cardpay.gateway.stripe_gateway import StripeGateway
from cardpay.sandbox.http.request_handler import Reply
from cardpay.services.history import try_set_aside_again
from cardpay.services.history.begin_import import import_history
from cardpay.services.stripe_facts.apply_facts import apply_fact
from cardpay.services.stripe_facts.set_aside import set_aside
from cardpay.storage.schema.tables import (
    Payment,
    PaymentAttempt,
    Payout,
    StripeEvent,
    UnreadableObject,
)
from tests.support.databases.databases import Databases
from tests.support.databases.rows import said_of_objects as said
from tests.support.desks import account_stories as stories
from tests.support.desks.given_stripe import BEGUN_AT, Happening, Json
from tests.support.desks.told_desks import ToldDesk, Way, told_desk
from tests.support.processes.servers import SECRET_KEY

pytestmark = pytest.mark.one_database

by_every_list = pytest.mark.parametrize("way", [Way.RECONCILE, Way.BACKFILL])


@pytest.fixture
def told(database_url: str) -> Iterator[ToldDesk]:
    """A desk that knows nothing yet."""
    with told_desk(database_url) as made:
        yield made


@pytest.fixture
def another(databases: Databases, migrated: str) -> Iterator[ToldDesk]:
    """A desk at a Stripe of which it could read everything from the start."""
    with databases.copy(migrated) as url, told_desk(url) as made:
        yield made


def _without(
    story: Sequence[Happening], name: str, kind: str = "payment_intent"
) -> list[Happening]:
    """The story with a field of that kind missing, as if it had another one instead."""
    return [
        Happening(
            one.type,
            _bare(one.object, name, kind),
            [_bare(other, name, kind) for other in one.others],
        )
        for one in story
    ]


def _with(story: Sequence[Happening], kind: str, **changes: object) -> list[Happening]:
    """The story with these fields in every object of a kind."""

    def changed(given: Json) -> Json:
        return given | changes if given["object"] == kind else given

    return [
        Happening(one.type, changed(one.object), [changed(other) for other in one.others])
        for one in story
    ]


def _bare(given: Json, name: str, kind: str) -> Json:
    if given["object"] != kind:
        return given
    return {key: value for key, value in given.items() if key != name}


def _statuses(told: ToldDesk) -> dict[str | None, str | None]:
    with told.desk.store.reading() as session:
        return {row.stripe_payment_intent_id: row.status for row in session.exec(select(Payment))}


def _set_aside(told: ToldDesk) -> list[tuple[str, str, str]]:
    with told.desk.store.reading() as session:
        found = session.exec(select(UnreadableObject).order_by(col(UnreadableObject.id))).all()
        return [(row.kind, row.stripe_object_id, row.reason) for row in found]


@pytest.mark.parametrize("way", list(Way))
def test_a_status_of_tomorrow(told: ToldDesk, way: Way) -> None:
    """It is kept as it is, shown as one that we do not know, and stops nothing."""
    strange = stories.intent("pi_new", "requires_funding", 1_000)
    told.tell(
        [Happening("payment_intent.created", strange), *stories.a_reference_that_comes_later()],
        way,
    )
    assert _statuses(told) == {"pi_new": "requires_funding", "pi_ref": "succeeded"}
    with told.desk.store.reading() as session:
        shown = session.exec(
            select(Payment.display_status).where(Payment.stripe_payment_intent_id == "pi_new")
        ).one()
    assert shown == "Unknown status"
    assert _set_aside(told) == []


@pytest.mark.sampled(2)
@pytest.mark.parametrize("way", list(Way))
@pytest.mark.parametrize(
    "story", [stories.a_hold_captured_in_part, stories.a_refund_that_comes_back, stories.an_appeal]
)
def test_what_cannot_be_read_is_set_aside(
    told: ToldDesk, way: Way, story: Callable[[], stories.Story]
) -> None:
    """Everything else is here; the object's id and what is wrong with it are kept."""
    strange = _without(story(), "currency")
    told.tell([*strange, *stories.a_reference_that_comes_later()], way)
    if way is Way.WEBHOOKS:  # it waits in the inbox, and a comparison finds it
        told.reconcile()
    its_id = str(strange[0].object["id"])
    assert _statuses(told) == {"pi_ref": "succeeded"}
    first, *others = _set_aside(told)
    assert first == ("payment_intent", its_id, "It has no field 'currency'.")
    assert {kind for kind, _, _ in others} <= {"charge", "refund", "dispute"}


@pytest.mark.sampled(3)
@by_every_list
@pytest.mark.parametrize("kind", ["payment_intent", "balance_transaction"])
@pytest.mark.parametrize(
    "story", [stories.a_hold_captured_in_part, stories.a_refund_that_comes_back, stories.an_appeal]
)
def test_another_version_tries_again(
    told: ToldDesk,
    another: ToldDesk,
    way: Way,
    story: Callable[[], stories.Story],
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What it can read is applied with all that belongs to it, however long ago, and is listed
    no more.
    """
    told.tell(_without(story(), "currency", kind), way)
    for happening in story():
        told.stripe.hold(happening.object, *happening.others)
    told.advance(days=40)
    monkeypatch.setattr(try_set_aside_again, "VERSION", "tomorrow's")
    told.reconcile(days=1)
    another.tell(story(), way)
    assert _set_aside(told) == []
    with told.desk.store.reading() as ours, another.desk.store.reading() as theirs:
        assert said(ours) == said(theirs)


_ODD = ("pi_ap", "ch_rf", "re_rf", "dp_ap", "po_1", "txn_ch_po")


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
@pytest.mark.parametrize("way", [Way.WEBHOOKS, Way.RECONCILE, Way.BACKFILL])
def test_what_is_read_well_later(told: ToldDesk, way: Way, *, known: bool) -> None:
    """Whatever it is and however it comes, this version lists it no more."""
    story = [*stories.a_refund_that_comes_back(), *stories.an_appeal()]
    story += stories.a_payout_that_fails()
    for one in story:
        event = told.stripe.happen(one)
        if known:
            told.arrive(event)
    good = [told.stripe.objects[one] for one in _ODD]
    for whole in good:
        told.stripe.hold({**whole, "currency": None})
    told.advance(days=1)
    import_history(told.desk, SYSTEM, requests_per_second=10_000)
    assert {object_id for _, object_id, _ in _set_aside(told)} >= set(_ODD)
    told.stripe.hold(*good)
    told.advance(hours=1)
    if way is Way.WEBHOOKS:
        for one in story:
            told.arrive(told.stripe.happen(one))
    elif way is Way.RECONCILE:
        told.reconcile()
    else:
        import_history(told.desk, SYSTEM, requests_per_second=10_000)
    left = {object_id for _, object_id, _ in _set_aside(told)}
    # A balance transaction that is here is not asked for again until it is listed.
    assert left == ({"txn_ch_po"} if known and way is Way.WEBHOOKS else set())


def test_what_is_no_payments_can_be_read_by_another_version(
    told: ToldDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Charge without a PaymentIntent, which took nothing: it is listed no more."""
    failed = stories.charge("ch_old", "", 1_000, payment_intent=None, status="failed")
    told.stripe.hold({**failed, "currency": None})
    told.advance(hours=1)
    import_history(told.desk, SYSTEM, requests_per_second=10_000)
    assert _set_aside(told) != []
    told.stripe.hold(failed)
    monkeypatch.setattr(try_set_aside_again, "VERSION", "tomorrow's")
    told.reconcile()
    assert _set_aside(told) == []


def test_what_still_changes_when_it_is_tried_again_stops_nothing(
    told: ToldDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stays set aside, and the next reconciliation reads it."""
    asked = told.desk.gateway
    held = stories.intent("pi_odd", "requires_payment_method", 1_000)
    told.tell([Happening("payment_intent.created", held)], Way.BACKFILL)
    told.stripe.hold({**held, "status": "requires_action"})
    told.stripe.hold(*(one.object for one in stories.a_reference_that_comes_later()))
    with told.desk.store.transaction() as session:
        set_aside(session, told.desk, [Unreadable("payment_intent", "pi_odd", "It was odd.")])

    def send(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        if "payment_intents/pi_odd" in target:  # another process applies another answer meanwhile
            at = told.desk.now()
            other = snapshot_parsing.payment_intent(held)
            with told.desk.store.transaction() as session:
                apply_fact(session, told.desk, SYSTEM, other, asked_at=at)
        return told.stripe.send(method, target, headers, body)

    told.desk = replace(told.desk, gateway=StripeGateway(SECRET_KEY, send=send))
    monkeypatch.setattr(try_set_aside_again, "VERSION", "tomorrow's")
    told.reconcile()
    assert _statuses(told) == {"pi_odd": "requires_payment_method", "pi_ref": "succeeded"}
    told.desk = replace(told.desk, gateway=asked)
    told.reconcile()
    assert _statuses(told)["pi_odd"] == "requires_action"
    assert _set_aside(told) == []


@pytest.mark.parametrize("way", [Way.WEBHOOKS, Way.RECONCILE, Way.BACKFILL])
def test_a_dispute_without_a_charge(told: ToldDesk, way: Way) -> None:
    """By whatever way it comes, it is set aside, and all else is known."""
    story = _with(stories.an_appeal(), "dispute", charge=None)
    told.tell([*story, *stories.a_reference_that_comes_later()], way)
    if way is Way.WEBHOOKS:
        with told.desk.store.reading() as session:
            problems = set(session.exec(select(StripeEvent.problem)))
        why = "Stripe's answer can't be read. Its field 'charge' has another form than expected."
        assert problems == {None, why}
        told.reconcile()
    its_id = str(next(one.object["id"] for one in story if one.object["object"] == "dispute"))
    why = "Its field 'charge' has another form than expected."
    assert _set_aside(told) == [("dispute", its_id, why)]
    assert "pi_ref" in _statuses(told)


@by_every_list
@pytest.mark.parametrize("kind", ["payment_intent", "charge", "dispute", "balance_transaction"])
def test_half_a_character_stops_nothing(told: ToldDesk, way: Way, kind: str) -> None:
    """Half of a surrogate pair is JSON for some, as in a text that was cut: it is left out."""
    halves = {"description": "half \ud800", "metadata": {"order_reference": "SO\ud8001"}}
    story = _with(stories.an_appeal(), kind, **halves)
    told.tell(story, way)
    assert set(_statuses(told)) == {"pi_ap"}
    assert _set_aside(told) == []
    if kind == "payment_intent":
        with told.desk.store.reading() as session:
            assert session.exec(select(Payment.order_reference)).one() == "SO1"


def _long_words(given: Json) -> Json:
    """The object with every text that is free five thousand characters long, each another one."""
    long = "".join(random.Random(7).choices(_LETTERS, k=5_000))
    named = {name: long for name in _WORDS if name in given}
    inside = {name: _long_words(value) for name, value in given.items() if isinstance(value, dict)}
    return given | inside | named


_LETTERS = [chr(0x4E00 + number) for number in range(5_000)]
_WORDS = (
    *("brand", "country", "funding", "fingerprint", "last4", "failure_code", "reason"),
    *("order_reference", "risk_level", "network_decline_code", "reporting_category"),
    *("statement_descriptor", "failure_message", "status", "method", "cancellation_reason"),
)


@pytest.mark.parametrize("way", [Way.WEBHOOKS, Way.RECONCILE, Way.BACKFILL])
def test_words_that_no_index_holds_stop_nothing(told: ToldDesk, way: Way) -> None:
    """They are cut, and all is known."""
    declined = stories.charge(
        *("ch_long", "pi_long", 1_000),
        status="failed",
        captured=False,
        failure_code="card_declined",
        outcome={"type": "issuer_declined", "reason": "", "risk_level": ""},
    )
    tried = stories.intent(
        *("pi_long", "", 1_000), latest_charge="ch_long", metadata={"order_reference": ""}
    )
    story = [
        Happening("charge.failed", _long_words(declined) | {"status": "failed"}),
        Happening("payment_intent.payment_failed", _long_words(tried)),
        Happening("payout.paid", _long_words(stories.payout("po_long", "paid", 1_000))),
    ]
    told.stripe.hold(*(one.object for one in story))
    told.tell([*story, *stories.a_reference_that_comes_later()], way)
    assert set(_statuses(told)) == {"pi_long", "pi_ref"}
    with told.desk.store.reading() as session:
        attempt = session.exec(
            select(PaymentAttempt).where(PaymentAttempt.stripe_charge_id == "ch_long")
        ).one()
        assert session.exec(select(Payout.stripe_payout_id)).all() == ["po_long"]
    if way is not Way.WEBHOOKS:  # of an event such texts are left out
        assert len(attempt.decline_code or "") == 100
    assert _set_aside(told) == []


@by_every_list
def test_pages_of_what_cannot_be_read(told: ToldDesk, way: Way) -> None:
    """More of it than a page holds: each is set aside, and the list goes on behind them."""
    strange = stories.intent("pi_odd", "succeeded", 1_000) | {"currency": None}
    told.stripe.hold(*(strange | {"id": f"pi_{number:03}"} for number in range(250)))
    older = stories.intent("pi_older", "succeeded", 1_000)
    told.stripe.hold(older | {"created": BEGUN_AT - 1})
    told.advance(days=1)
    if way is Way.RECONCILE:
        told.reconcile(days=2)
    else:
        import_history(told.desk, SYSTEM, requests_per_second=10_000)
    assert len(_set_aside(told)) == 250
    assert set(_statuses(told)) == {"pi_older"}


def test_a_page_without_an_id_ends_with_a_sentence(told: ToldDesk) -> None:
    """It could not be continued, and would come again and again."""
    number = "4242424242424242"
    for place in range(101):
        told.stripe.objects[str(place)] = stories.intent(number, "succeeded", 1_000)
    told.advance(days=1)
    with pytest.raises(ObjectUnreadable, match="more follows"):
        told.reconcile()
    with pytest.raises(ObjectUnreadable, match="more follows"):
        import_history(told.desk, SYSTEM, requests_per_second=10_000)


@pytest.mark.parametrize("name", ["payment_intents", "refunds", "balance_transactions"])
@by_every_list
def test_pages_that_come_again_end_with_a_sentence(told: ToldDesk, way: Way, name: str) -> None:
    """Two pages, each of which says that the other one follows."""
    made = {
        "payment_intents": [stories.intent(f"pi_{one}", "succeeded", 1_000) for one in "ab"],
        "refunds": [stories.refund(f"re_{one}", "pi_ref", "ch_ref", 10) for one in "ab"],
        "balance_transactions": [stories.transaction(f"txn_{one}", None, 10) for one in "ab"],
    }[name]
    asked: list[str] = []

    def send(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        if not target.startswith(f"/v1/{name}?"):
            return told.stripe.send(method, target, headers, body)
        asked.append(target)
        page = made[1] if f"starting_after={made[0]['id']}" in target else made[0]
        listed = {"object": "list", "url": f"/v1/{name}", "data": [page], "has_more": True}
        return Reply(200, {}, json.dumps(listed).encode())

    told.stripe.hold(*(one.object for one in stories.a_reference_that_comes_later()))
    told.advance(days=1)
    told.desk = replace(told.desk, gateway=StripeGateway(SECRET_KEY, send=send), read_budget=60)
    with pytest.raises(ObjectUnreadable, match="more follows"):
        told.tell([], way)
    assert len(asked) < 40  # an import looks at several stretches at once


def test_what_cannot_be_asked_for_stays(told: ToldDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """An event, and an object whose kind is unknown: another version is not stopped by them."""
    told.tell(stories.a_reference_that_comes_later(), Way.BACKFILL)
    event, other = told.stripe.events()[0], stories.intent("pi_odd", "succeeded", 1_000)
    told.stripe.hold({**event, "livemode": None})
    told.stripe.objects["odd"] = {**other, "currency": 7}
    told.reconcile()
    with told.desk.store.transaction() as session:
        session.execute(
            update(UnreadableObject)
            .where(col(UnreadableObject.kind) == "payment_intent")
            .values(kind="unknown")
        )
    kept = _set_aside(told)
    assert {kind for kind, _, _ in kept} == {"event", "unknown"}
    monkeypatch.setattr(try_set_aside_again, "VERSION", "tomorrow's")
    told.advance(days=40)
    told.reconcile(days=1)
    assert _set_aside(told) == kept


@pytest.mark.sampled(3)
@by_every_list
@pytest.mark.parametrize("kind", ["payment_intent", "refund", "dispute", "payout", "charge"])
@pytest.mark.parametrize(
    ("name", "value"),
    [("amount", None), ("currency", 7), ("created", 10**20), ("status", 7)],
)
def test_of_every_list(told: ToldDesk, way: Way, kind: str, name: str, value: object) -> None:
    """Whatever it is, all else is known."""
    story = [*stories.a_refund_that_comes_back(), *stories.an_appeal()]
    told.tell([*story, *stories.a_payout_that_fails()], Way.WEBHOOKS)
    its = next(one for one in told.stripe.objects.values() if one["object"] == kind)
    told.stripe.hold({**its, "id": f"{its['id']}_odd", name: value})
    told.stripe.hold(*(one.object for one in stories.a_reference_that_comes_later()))
    if way is Way.RECONCILE:
        told.reconcile()
    else:
        import_history(told.desk, SYSTEM, requests_per_second=10_000)
    assert "pi_ref" in _statuses(told)
    if name != "created" and (kind != "charge" or way is Way.BACKFILL):
        assert _set_aside(told) == [
            (kind, f"{its['id']}_odd", f"Its field '{name}' has another form than expected.")
        ]


@by_every_list
@pytest.mark.parametrize(
    "answer",
    [
        {"error": {"type": "invalid_request_error", "code": "payout_not_reconcilable"}},
        {"object": "list", "data": [], "has_more": True, "url": "/v1/balance_transactions"},
    ],
    ids=["refused", "no page"],
)
def test_one_payout_that_is_not_listed_stops_nothing(
    told: ToldDesk, way: Way, answer: Json
) -> None:
    """All that comes behind it is read; and it is listed as soon as Stripe does."""
    asked = told.desk.gateway

    def send(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        if "payout=po_" in target:
            return Reply(400 if "error" in answer else 200, {}, json.dumps(answer).encode())
        return told.stripe.send(method, target, headers, body)

    story = [*stories.a_payout_that_fails(), *stories.a_reference_that_comes_later()]
    told.desk = replace(told.desk, gateway=StripeGateway(SECRET_KEY, send=send))
    told.tell(story, way)
    assert _statuses(told)["pi_ref"] == "succeeded"
    assert _itemised(told) == [False]
    told.desk = replace(told.desk, gateway=asked)
    told.reconcile()
    assert _itemised(told) == [True]


def _itemised(told: ToldDesk) -> list[bool]:
    with told.desk.store.reading() as session:
        return [one.is_itemised for one in session.exec(select(Payout))]


def test_a_charge_of_what_stripe_does_not_have_stops_no_import(told: ToldDesk) -> None:
    """Its PaymentIntent is set aside, with the reason."""
    strange = Happening("charge.succeeded", stories.charge("ch_9", "pi_9", 500))
    told.tell([strange, *stories.a_reference_that_comes_later()], Way.BACKFILL)
    assert _statuses(told) == {"pi_ref": "succeeded"}
    assert ("payment_intent", "pi_9", "Stripe doesn't have it.") in _set_aside(told)

"""The table of fields, walked: each is changed later, by each way in, and follows its rule."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from sqlmodel import SQLModel, col, select

from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.stripe_facts import field_rules
from cardpay.domain.stripe_facts.events import Subject
from cardpay.domain.stripe_facts.field_rules import Follows
from cardpay.services.history.begin_import import import_history
from cardpay.services.webhooks.apply_event import retrieve_and_apply
from cardpay.storage.schema.tables import (
    BalanceTransaction,
    Dispute,
    Payment,
    PaymentAttempt,
    Payout,
    Refund,
)
from tests.support.desks import account_stories as stories
from tests.support.desks.given_stripe import BEGUN_AT, Happening, Json, example
from tests.support.desks.told_desks import ToldDesk, told_desk

pytestmark = pytest.mark.one_database

_FOLLOWED: Final = frozenset({Follows.LATEST, Follows.LATEST_STATED, Follows.FIRST})
# By these a row is found: another one is another row.
_KEYS: Final = {
    "stripe_payment_intent_id",
    "stripe_charge_id",
    "stripe_refund_id",
    "stripe_dispute_id",
    "stripe_balance_transaction_id",
    "stripe_payout_id",
}


@dataclass(frozen=True)
class Change:
    """What Stripe states of a field at first, and what later; None where it may leave it out.

    `where` is the place in Stripe's object; `stored` makes the column's value of the given one.
    """

    where: str
    first: Any
    later: Any
    stored: Callable[[Any], Any] = lambda given: given
    may_be_none: bool = True

    def given(self, base: Json, value: Any) -> Json:
        """The object with this value."""
        made = dict(base)
        inner: dict[str, Any] = made
        *above, name = self.where.split(".")
        for one in above:
            inner[one] = dict(inner.get(one) or {})
            inner = inner[one]
        inner[name] = value
        return made


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _time(where: str, *, may_be_none: bool = True) -> Change:
    return Change(where, BEGUN_AT + 20, BEGUN_AT + 25, _at, may_be_none)


def _amount(where: str) -> Change:
    return Change(where, 1_000, 2_000, may_be_none=False)


def _text(where: str) -> Change:
    return Change(where, "first", "later")


_CURRENCY: Final = Change("currency", "gbp", "jpy", may_be_none=False)


@dataclass(frozen=True)
class Table:
    """One table's rules, an object of its kind, and how each of its fields is changed."""

    rules: Mapping[str, Follows]
    row: type[SQLModel]
    base: Json
    key: tuple[str, str]
    changes: Mapping[str, Change]
    others: tuple[Json, ...] = ()


_INTENT: Final = stories.intent("pi_f", "processing", 1_000, latest_charge="ch_f")
_CHARGE: Final = stories.charge(
    "ch_f", "pi_f", 1_000, status="pending", captured=False, amount_captured=0
)
_DECLINED: Final = stories.charge("ch_f", "pi_f", 1_000, status="failed", captured=False) | {
    "failure_code": "card_declined",
    "outcome": {"type": "issuer_declined", "reason": "generic_decline"},
}
_CARD: Final = "payment_method_details.card."
TABLES: Final = {
    "payment": Table(
        field_rules.PAYMENT,
        Payment,
        _INTENT,
        ("stripe_payment_intent_id", "pi_f"),
        {
            "amount_minor": _amount("amount"),
            "currency": _CURRENCY,
            "order_reference": Change("metadata.order_reference", "A-1", "B-2", may_be_none=False),
            "search_reference": Change(
                "metadata.order_reference", "A-1", "B-2", str.lower, may_be_none=False
            ),
            "amount_received_minor": _amount("amount_received"),
            "amount_capturable_minor": _amount("amount_capturable"),
            "capture_method": Change("capture_method", "manual", "automatic", may_be_none=False),
            "next_action_type": Change("next_action.type", "redirect_to_url", "use_stripe_sdk"),
            "stripe_created_at": _time("created", may_be_none=False),
            "latest_charge_id": Change("latest_charge", "ch_f", "ch_g"),
        },
        (_CHARGE, {**_CHARGE, "id": "ch_g"}),
    ),
    "payment that ended": Table(
        field_rules.PAYMENT,
        Payment,
        {**_INTENT, "status": "canceled"},
        ("stripe_payment_intent_id", "pi_f"),
        {"canceled_at": _time("canceled_at")},
    ),
    "attempt": Table(
        field_rules.ATTEMPT,
        PaymentAttempt,
        _CHARGE,
        ("stripe_charge_id", "ch_f"),
        {
            "stripe_payment_method_id": Change("payment_method", "pm_f", "pm_g"),
            "stripe_transfer_id": Change("transfer", "tr_f", "tr_g"),
            "amount_minor": _amount("amount"),
            "currency": _CURRENCY,
            "method_type": Change("payment_method_details.type", "card", "link"),
            "card_brand": _text(f"{_CARD}brand"),
            "card_last4": Change(f"{_CARD}last4", "1111", "2222"),
            "card_exp_month": Change(f"{_CARD}exp_month", 1, 2),
            "card_exp_year": Change(f"{_CARD}exp_year", 2031, 2032),
            "card_country": Change(f"{_CARD}country", "GB", "DE"),
            "card_funding": Change(f"{_CARD}funding", "debit", "credit"),
            "card_fingerprint": _text(f"{_CARD}fingerprint"),
            "capture_before_at": _time(f"{_CARD}capture_before"),
        },
        (
            _INTENT,
            stories.transaction("txn_tr", "tr_f", -1),
            stories.transaction("t2", "tr_g", -1),
        ),
    ),
    "attempt that was declined": Table(
        field_rules.ATTEMPT,
        PaymentAttempt,
        _DECLINED,
        ("stripe_charge_id", "ch_f"),
        {
            "failure_code": _text("failure_code"),
            "decline_code": Change("outcome.reason", "generic_decline", "lost_card"),
            "network_decline_code": Change("outcome.network_decline_code", "05", "43"),
            "advice_code": Change("outcome.advice_code", "try_again_later", "do_not_try_again"),
        },
        (_INTENT,),
    ),
    "refund": Table(
        field_rules.REFUND,
        Refund,
        stories.refund("re_f", "pi_f", "ch_f", 1_000, status="pending"),
        ("stripe_refund_id", "re_f"),
        {
            "stripe_charge_id": Change("charge", "ch_f", "ch_g"),
            "stripe_balance_transaction_id": Change("balance_transaction", "txn_1", "txn_2"),
            "stripe_failure_balance_transaction_id": Change(
                "failure_balance_transaction", "txn_1", "txn_2"
            ),
            "amount_minor": _amount("amount"),
            "currency": _CURRENCY,
            "reason": Change("reason", "duplicate", "fraudulent"),
            "failure_reason": Change("failure_reason", "unknown", "lost_or_stolen_card"),
        },
        (_INTENT, _CHARGE),
    ),
    "dispute": Table(
        field_rules.DISPUTE,
        Dispute,
        stories.dispute("dp_f", "pi_f", "ch_f", "needs_response"),
        ("stripe_dispute_id", "dp_f"),
        {
            "stripe_charge_id": Change("charge", "ch_f", "ch_g", may_be_none=False),
            "is_charge_refundable": Change("is_charge_refundable", False, True),
            "reason": Change("reason", "fraudulent", "general"),
            "amount_minor": _amount("amount"),
            "currency": _CURRENCY,
            "evidence_due_at": _time("evidence_details.due_by"),
            "created_at": _time("created", may_be_none=False),
        },
        (_INTENT, _CHARGE),
    ),
    "payout": Table(
        field_rules.PAYOUT,
        Payout,
        stories.payout("po_f", "in_transit", 1_000),
        ("stripe_payout_id", "po_f"),
        {
            "amount_minor": _amount("amount"),
            "currency": _CURRENCY,
            "is_automatic": Change("automatic", first=True, later=False, may_be_none=False),
            "method": Change("method", "standard", "instant"),
            "arrival_at": _time("arrival_date"),
            "reconciliation_status": Change(
                "reconciliation_status", "not_applicable", "in_progress"
            ),
            "trace_id": _text("trace_id.value"),
            "statement_descriptor": _text("statement_descriptor"),
            "failure_code": Change("failure_code", "declined", "no_account"),
            "failure_message": _text("failure_message"),
            "stripe_balance_transaction_id": Change("balance_transaction", "txn_1", "txn_2"),
            "stripe_failure_balance_transaction_id": Change(
                "failure_balance_transaction", "txn_1", "txn_2"
            ),
            "created_at": _time("created", may_be_none=False),
        },
    ),
    "balance transaction": Table(
        field_rules.BALANCE_TRANSACTION,
        BalanceTransaction,
        stories.transaction("txn_f", "ch_f", 1_000),
        ("stripe_balance_transaction_id", "txn_f"),
        {
            "stripe_source_id": Change("source", "ch_f", "ch_g"),
            "type": Change("type", "charge", "payment", may_be_none=False),
            "reporting_category": Change("reporting_category", "charge", "fee"),
            "gross_minor": _amount("amount"),
            "fee_minor": _amount("fee"),
            "net_minor": _amount("net"),
            "currency": _CURRENCY,
            "exchange_rate": Change("exchange_rate", 1.25, 1.5, str),
            "created_at": _time("created", may_be_none=False),
            "available_at": _time("available_on"),
        },
    ),
}
# Stored once they are known by another thing's list, or with another thing.
_ELSEWHERE: Final = {
    ("dispute", "payment_id"): "test_a_dispute_keeps_its_payment",
    ("balance transaction", "stripe_payout_id"): "test_real_accounts",
}
_UPDATED: Final = {
    "payment_intent": "payment_intent.processing",
    "charge": "charge.updated",
    "refund": "refund.updated",
    "dispute": "charge.dispute.updated",
    "payout": "payout.updated",
}


def _by_event(told: ToldDesk, later: Json) -> None:
    told.arrive(told.stripe.happen(Happening(_UPDATED[later["object"]], later)))


def _by_retrieve(told: ToldDesk, later: Json) -> None:
    told.stripe.hold(later)
    retrieve_and_apply(told.desk, Subject(later["object"]), later["id"])


def _by_comparison(told: ToldDesk, later: Json) -> None:
    told.stripe.hold(later)
    told.advance(hours=1)
    told.reconcile()


def _by_import(told: ToldDesk, later: Json) -> None:
    told.stripe.hold(later)
    told.advance(hours=1)
    import_history(told.desk, SYSTEM, requests_per_second=10_000)


WAYS: Final = {
    "event": _by_event,
    "retrieve": _by_retrieve,
    "comparison": _by_comparison,
    "import": _by_import,
}


def _cases() -> Iterator[Any]:
    for name, table in TABLES.items():
        for field, change in table.changes.items():
            for way in WAYS:
                # Once it is known, a balance transaction is only read again in a list.
                if name != "balance transaction" or way == "import":
                    laters = [change.later, *([None] if change.may_be_none else [])]
                    for later in laters:
                        case = f"{name} {field} {way} {'none' if later is None else 'other'}"
                        yield pytest.param(table, field, way, later, id=case)


@pytest.fixture
def told(database_url: str) -> Iterator[ToldDesk]:
    """A desk that knows nothing yet."""
    with told_desk(database_url) as made:
        yield made


def _value(told: ToldDesk, table: Table, field: str) -> Any:
    name, object_id = table.key
    with told.desk.store.reading() as session:
        row = session.exec(select(table.row).where(col(getattr(table.row, name)) == object_id))
        return getattr(row.one(), field)


@pytest.mark.parametrize(("table", "field", "way", "later"), list(_cases()))
def test_a_later_statement(told: ToldDesk, table: Table, field: str, way: str, later: Any) -> None:
    """The latest is taken, or the first stays, as the table says."""
    change = table.changes[field]
    told.stripe.hold(*table.others)
    told.stripe.hold(*(example("balance_transaction", f"txn_{one}") for one in (1, 2)))
    if table.base["object"] == "balance_transaction":
        _by_import(told, change.given(table.base, change.first))
    else:
        told.arrive(
            told.stripe.happen(
                Happening(_UPDATED[table.base["object"]], change.given(table.base, change.first))
            )
        )
    first = change.stored(change.first)
    assert _value(told, table, field) == first
    told.advance(seconds=5)
    WAYS[way](told, change.given(table.base, later))
    wanted = None if later is None else change.stored(later)
    rule = table.rules[field]
    if rule is Follows.FIRST or (rule is Follows.LATEST_STATED and later is None):
        wanted = first
    assert _value(told, table, field) == wanted


_TOLD_BY_EVENTS: Final = [
    pytest.param(table, field, id=f"{name} {field}")
    for name, table in TABLES.items()
    for field in table.changes
    if name != "balance transaction"
]


@pytest.mark.parametrize(("table", "field"), _TOLD_BY_EVENTS)
def test_an_event_that_is_late(told: ToldDesk, table: Table, field: str) -> None:
    """What was true once changes nothing that is known to be otherwise now."""
    change = table.changes[field]
    told.stripe.hold(*table.others)
    told.stripe.hold(*(example("balance_transaction", f"txn_{one}") for one in (1, 2)))
    late = told.stripe.happen(
        Happening(_UPDATED[table.base["object"]], change.given(table.base, change.first))
    )
    _by_retrieve(told, change.given(table.base, change.later))
    told.advance(seconds=5)
    told.arrive(late)
    assert _value(told, table, field) == change.stored(change.later)


def test_every_field_is_walked() -> None:
    """Each that a later statement may change is in a table of changes here, or has a test."""
    walked = {(id(table.rules), field) for table in TABLES.values() for field in table.changes}
    for name, table in TABLES.items():
        followed = {field for field, rule in table.rules.items() if rule in _FOLLOWED}
        left = {field for field in followed - _KEYS if (id(table.rules), field) not in walked}
        assert {one for one in left if (name, one) not in _ELSEWHERE} == set(), name


# Columns that nothing of Stripe's objects is in: the desk's own, or of the telling.
_OURS: Final = {
    Payment: {
        "stripe_account_id",
        "livemode",
        "product_id",
        "product_name",
        "unit_amount_minor",
        "quantity",
        "order_sequence",
        "second_payment_reason",
        "taken_by",
        "updated_at",
    },
    PaymentAttempt: {"stripe_account_id", "livemode", "actor_id", "submission_id"},
    Refund: {"stripe_account_id", "livemode", "updated_at"},
    Dispute: {"stripe_account_id", "livemode", "updated_at"},
    BalanceTransaction: {"stripe_account_id", "livemode"},
    Payout: {"stripe_account_id", "livemode", "is_itemised", "updated_at"},
}


def test_every_column_has_a_rule() -> None:
    """Or is ours; and none is named that does not exist."""
    for table in TABLES.values():
        assert set(table.row.model_fields) == set(table.rules) | _OURS[table.row]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("table", "first", "later", "wanted"),
    [
        ("payment", "processing", "requires_capture", "requires_capture"),
        ("payment", "requires_action", "requires_payment_method", "requires_payment_method"),
        ("payment", "succeeded", "requires_payment_method", "succeeded"),
        ("payment", "canceled", "processing", "canceled"),
        ("refund", "pending", "succeeded", "succeeded"),
        ("refund", "succeeded", "failed", "failed"),
        ("refund", "failed", "succeeded", "failed"),
        ("refund", "canceled", "pending", "canceled"),
        ("dispute", "lost", "appeal_needs_response", "appeal_needs_response"),
        ("dispute", "won", "lost", "lost"),
        ("dispute", "warning_closed", "needs_response", "needs_response"),
        ("payout", "paid", "failed", "failed"),
        ("payout", "failed", "paid", "failed"),
        ("payout", "pending", "in_transit", "in_transit"),
    ],
)
def test_a_status(
    told: ToldDesk, way: str, table: str, first: str, later: str, wanted: str
) -> None:
    """It follows Stripe, but never back from what is final."""
    given = TABLES[table]
    told.stripe.hold(*given.others)
    told.arrive(
        told.stripe.happen(
            Happening(_UPDATED[given.base["object"]], {**given.base, "status": first})
        )
    )
    before = _value(told, given, "status_as_of")
    told.advance(seconds=5)
    WAYS[way](told, {**given.base, "status": later})
    assert _value(told, given, "status") == wanted
    if way != "event":  # one that ends it has no time that could be compared
        assert (_value(told, given, "status_as_of") > before) is (wanted == later)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("first", "later", "wanted"),
    [
        ({"status": "pending"}, {"status": "succeeded", "captured": False}, "authorised"),
        ({"status": "pending"}, {"status": "failed"}, "declined"),
        (
            {"status": "succeeded", "captured": False},
            {"status": "succeeded", "captured": True},
            "succeeded",
        ),
        ({"status": "succeeded", "captured": True}, {"status": "pending"}, "succeeded"),
        ({"status": "failed"}, {"status": "succeeded", "captured": True}, "declined"),
    ],
)
def test_an_outcome(told: ToldDesk, way: str, first: Json, later: Json, wanted: str) -> None:
    """A Charge moves on, and what has settled stays."""
    given = TABLES["attempt"]
    told.stripe.hold(*given.others)
    told.arrive(told.stripe.happen(Happening("charge.updated", {**given.base, **first})))
    WAYS[way](told, {**given.base, **later})
    assert _value(told, given, "outcome") == wanted


@pytest.mark.parametrize(("first", "later"), [("pending", "available"), ("available", "pending")])
def test_what_is_available_stays_so(told: ToldDesk, first: str, later: str) -> None:
    """A list that was older says nothing new."""
    given = TABLES["balance transaction"]
    for status in (first, later):
        _by_import(told, {**given.base, "status": status})
    assert _value(told, given, "status") == "available"


@pytest.mark.parametrize("way", WAYS)
def test_a_dispute_keeps_its_payment(told: ToldDesk, way: str) -> None:
    """It gets one if it had none."""
    given = TABLES["dispute"]
    told.stripe.hold(*given.others, stories.intent("pi_g", "processing", 1_000))
    for number, intent_id in enumerate((None, "pi_f", "pi_g")):
        later = {**given.base, "payment_intent": intent_id, "charge": "ch_of_nobody"}
        if number == 0:
            told.arrive(told.stripe.happen(Happening("charge.dispute.created", later)))
            assert _value(told, given, "payment_id") is None
        else:
            WAYS[way](told, later)
            told.advance(seconds=5)
    with told.desk.store.reading() as session:
        wanted = session.exec(
            select(Payment.id).where(col(Payment.stripe_payment_intent_id) == "pi_f")
        ).one()
    assert _value(told, given, "payment_id") == wanted

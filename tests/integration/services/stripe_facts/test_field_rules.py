"""The table of fields, walked: each is changed later, by each way in, and follows its rule."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from sqlmodel import SQLModel, col, select

from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.personal_data.search_keys import reference_number
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
from tests.support.desks.given_stripe import BEGUN_AT, EXAMPLES, Happening, Json, example
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
            "search_number": Change(
                "metadata.order_reference", "A-1", "B-2", reference_number, may_be_none=False
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
            "cvc_check": Change(f"{_CARD}checks.cvc_check", "unchecked", "pass"),
            "postal_code_check": Change(
                f"{_CARD}checks.address_postal_code_check", "unchecked", "fail"
            ),
            "address_check": Change(f"{_CARD}checks.address_line1_check", "unchecked", "pass"),
            "risk_level": Change("outcome.risk_level", "normal", "elevated"),
            "risk_score": Change("outcome.risk_score", 12, 61),
            "moto": Change(f"{_CARD}moto", False, True),
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


def _by_event(told: ToldDesk, laters: Sequence[Json]) -> None:
    told.arrive_together(
        [told.stripe.happen(Happening(_UPDATED[later["object"]], later)) for later in laters]
    )


def _by_retrieve(told: ToldDesk, laters: Sequence[Json]) -> None:
    told.stripe.hold(*laters)
    for later in laters:
        retrieve_and_apply(told.desk, Subject(later["object"]), later["id"])


def _by_comparison(told: ToldDesk, laters: Sequence[Json]) -> None:
    told.stripe.hold(*laters)
    told.advance(hours=1)
    told.reconcile()


def _by_import(told: ToldDesk, laters: Sequence[Json]) -> None:
    told.stripe.hold(*laters)
    told.advance(hours=1)
    import_history(told.desk, SYSTEM, requests_per_second=10_000)


WAYS: Final = {
    "event": _by_event,
    "retrieve": _by_retrieve,
    "comparison": _by_comparison,
    "import": _by_import,
}
_IDS: Final = ("pi_", "ch_", "re_", "dp_", "po_", "tr_", "txn_")


def _own(given: Any, number: int) -> Any:
    """The same with ids of its own, so that many cases share one database."""
    if isinstance(given, dict):
        return {name: _own(value, number) for name, value in given.items()}
    if isinstance(given, list | tuple):
        return [_own(value, number) for value in given]
    is_id = isinstance(given, str) and given.startswith(_IDS)
    return f"{given}x{number}" if is_id else given


@dataclass(frozen=True)
class Case:
    """One field of one object, which is changed; `number` tells its objects from all others."""

    name: str
    table: Table
    field: str
    number: int
    first: Json
    later: Json
    wanted: Any

    @classmethod
    def of(cls, number: int, name: str, field: str, later: Any) -> "Case":
        """`later` is what Stripe states last of the field."""
        table = TABLES[name]
        change = table.changes[field]
        rule = table.rules[field]
        keeps = rule is Follows.FIRST or (rule is Follows.LATEST_STATED and later is None)
        wanted = change.first if keeps else later
        return cls(
            f"{name} {field} {'none' if later is None else 'other'}",
            table,
            field,
            number,
            _own(change.given(table.base, change.first), number),
            _own(change.given(table.base, later), number),
            None if wanted is None else change.stored(_own(wanted, number)),
        )

    def begin(self, told: ToldDesk) -> None:
        """All is there that the object names."""
        told.stripe.hold(*_own(self.table.others, self.number))
        for named in ("txn_1", "txn_2", EXAMPLES["refund"]["balance_transaction"]):
            told.stripe.hold(example("balance_transaction", _own(named, self.number)))

    def value(self, told: ToldDesk, field: str | None = None) -> Any:
        """What the row says of the field, or of another one."""
        name, object_id = self.table.key
        key = col(getattr(self.table.row, name)) == _own(object_id, self.number)
        with told.desk.store.reading() as session:
            row = session.exec(select(self.table.row).where(key)).one()
            return getattr(row, field or self.field)


def _cases(*, with_none: bool = True) -> list[Case]:
    """Each field of each table; a balance transaction's are read in a list alone."""
    named = [
        (name, field, later)
        for name, table in TABLES.items()
        for field, change in table.changes.items()
        for later in [change.later, *([None] if change.may_be_none and with_none else [])]
    ]
    return [Case.of(number, *one) for number, one in enumerate(named)]


def _is_in_balance(case: Case) -> bool:
    return bool(case.first["object"] == "balance_transaction")


@pytest.fixture
def told(database_url: str) -> Iterator[ToldDesk]:
    """A desk that knows nothing yet."""
    with told_desk(database_url) as made:
        yield made


def _wrong(told: ToldDesk, cases: Sequence[Case], **wanted: Any) -> dict[str, Any]:
    """What is stored of each field that is not as it has to be, by the case's name."""
    values = {one.name: (one.value(told), wanted.get(one.name, one.wanted)) for one in cases}
    return {name: (found, due) for name, (found, due) in values.items() if found != due}


@pytest.mark.sampled(6)
@pytest.mark.parametrize("way", WAYS)
def test_a_later_statement(told: ToldDesk, way: str) -> None:
    """The latest is taken, or the first stays, as the table says; each field on its own object."""
    cases = [one for one in _cases() if way == "import" or not _is_in_balance(one)]
    for one in cases:
        one.begin(told)
    _by_event(told, [one.first for one in cases if not _is_in_balance(one)])
    if way == "import":
        _by_import(told, [one.first for one in cases if _is_in_balance(one)])
    firsts = {
        one.name: one.table.changes[one.field].stored(
            _own(one.table.changes[one.field].first, one.number)
        )
        for one in cases
    }
    assert _wrong(told, cases, **firsts) == {}
    told.advance(seconds=5)
    WAYS[way](told, [one.later for one in cases])
    assert _wrong(told, cases) == {}


def test_an_event_that_is_late(told: ToldDesk) -> None:
    """What was true once changes nothing that is known to be otherwise now."""
    cases = [one for one in _cases(with_none=False) if not _is_in_balance(one)]
    late = []
    for one in cases:
        one.begin(told)
        late.append(told.stripe.happen(Happening(_UPDATED[one.first["object"]], one.first)))
    _by_retrieve(told, [one.later for one in cases])
    told.advance(seconds=5)
    told.arrive_together(late)
    laters = {
        one.name: one.table.changes[one.field].stored(
            _own(one.table.changes[one.field].later, one.number)
        )
        for one in cases
    }
    assert _wrong(told, cases, **laters) == {}


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
        "owner",  # asked for when somebody cancels
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


def _moved(field: str, name: str, first: Json, later: Json, wanted: str, number: int) -> Case:
    table = TABLES[name]
    return Case(
        f"{name} {first} {later}",
        table,
        field,
        number,
        _own({**table.base, **first}, number),
        _own({**table.base, **later}, number),
        wanted,
    )


_STATUSES: Final = [
    _moved("status", name, {"status": first}, {"status": later}, wanted, number)
    for number, (name, first, later, wanted) in enumerate(
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
        ]
    )
]


@pytest.mark.sampled(2)
@pytest.mark.parametrize("way", WAYS)
def test_a_status(told: ToldDesk, way: str) -> None:
    """It follows Stripe, but never back from what is final."""
    for one in _STATUSES:
        one.begin(told)
    _by_event(told, [one.first for one in _STATUSES])
    before = {one.name: one.value(told, "status_as_of") for one in _STATUSES}
    told.advance(seconds=5)
    WAYS[way](told, [one.later for one in _STATUSES])
    assert _wrong(told, _STATUSES) == {}
    if way != "event":  # one that ends it has no time that could be compared
        for one in _STATUSES:
            is_newer = one.value(told, "status_as_of") > before[one.name]
            assert is_newer is (one.wanted == one.later["status"]), one.name


_CHARGE_MOVES: Final[list[tuple[Json, Json, str]]] = [
    ({"status": "pending"}, {"status": "succeeded", "captured": False}, "authorised"),
    ({"status": "pending"}, {"status": "failed"}, "declined"),
    (
        {"status": "succeeded", "captured": False},
        {"status": "succeeded", "captured": True},
        "succeeded",
    ),
    ({"status": "succeeded", "captured": True}, {"status": "pending"}, "succeeded"),
    ({"status": "failed"}, {"status": "succeeded", "captured": True}, "declined"),
]
_OUTCOMES: Final = [
    _moved("outcome", "attempt", *move, number) for number, move in enumerate(_CHARGE_MOVES)
]


@pytest.mark.sampled(2)
@pytest.mark.parametrize("way", WAYS)
def test_an_outcome(told: ToldDesk, way: str) -> None:
    """A Charge moves on, and what has settled stays."""
    for one in _OUTCOMES:
        one.begin(told)
    _by_event(told, [one.first for one in _OUTCOMES])
    WAYS[way](told, [one.later for one in _OUTCOMES])
    assert _wrong(told, _OUTCOMES) == {}


@pytest.mark.parametrize("way", WAYS)
def test_a_dispute_keeps_its_payment(told: ToldDesk, way: str) -> None:
    """It gets one if it had none."""
    given = TABLES["dispute"]
    told.stripe.hold(*given.others, stories.intent("pi_g", "processing", 1_000))
    for number, intent_id in enumerate((None, "pi_f", "pi_g")):
        later = {**given.base, "payment_intent": intent_id, "charge": "ch_of_nobody"}
        if number == 0:
            told.arrive(told.stripe.happen(Happening("charge.dispute.created", later)))
            assert _payment_of_dispute(told) is None
        else:
            WAYS[way](told, [later])
            told.advance(seconds=5)
    with told.desk.store.reading() as session:
        wanted = session.exec(
            select(Payment.id).where(col(Payment.stripe_payment_intent_id) == "pi_f")
        ).one()
    assert _payment_of_dispute(told) == wanted


def _payment_of_dispute(told: ToldDesk) -> str | None:
    with told.desk.store.reading() as session:
        return session.exec(select(Dispute.payment_id)).one()

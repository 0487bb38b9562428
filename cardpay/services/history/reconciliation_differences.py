"""Where the desk differs from a page of Stripe's lists. Nothing is changed here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cardpay.domain.history.list_kinds import DifferenceKind
from cardpay.domain.history.reconciliation_rules import is_compared
from cardpay.domain.money import Money
from cardpay.domain.money_format import format_money
from cardpay.domain.stripe_facts.events import EventState, Subject
from cardpay.domain.stripe_facts.named_objects import (
    balance_transactions_of,
    object_id_of,
    payment_intent_of,
)
from cardpay.domain.stripe_facts.snapshots import BalanceTransactionSnapshot, EventSnapshot
from cardpay.services.desk import Desk
from cardpay.services.stripe_facts.apply_facts import Compared, Fact, compare
from cardpay.storage.database.engine import Session
from cardpay.storage.history import reconciliation_reads
from cardpay.storage.payments import settlements

_KINDS: Final = {
    Subject.PAYMENT_INTENT: DifferenceKind.PAYMENT,
    Subject.REFUND: DifferenceKind.REFUND,
    Subject.DISPUTE: DifferenceKind.DISPUTE,
    Subject.PAYOUT: DifferenceKind.PAYOUT,
    Subject.CHECKOUT_SESSION: DifferenceKind.LINK,
}
# Kept even if they belong to no PaymentIntent.
_WITHOUT_PAYMENT: Final = frozenset({Subject.DISPUTE, Subject.PAYOUT, Subject.CHECKOUT_SESSION})
NOT_HERE = "not here"
NOT_THERE = "not in Stripe's list"


@dataclass(frozen=True)
class Difference:
    """One object on which the desk (`ours`) and Stripe (`theirs`) differ, in words for people.

    `subject` and `object_id` are what to ask Stripe about.
    """

    kind: DifferenceKind
    subject: Subject
    object_id: str
    ours: str
    theirs: str


def in_page(
    session: Session, desk: Desk, subject: Subject, found: Sequence[Any], asked_at: datetime
) -> list[Difference]:
    """Where the fold of what a page states would change a row, and which fees are not here."""
    found = [one for one in found if subject in _WITHOUT_PAYMENT or payment_intent_of(one)]
    facts = [Fact(one, asked_at) for one in found]
    named = [fee for one in found for fee in balance_transactions_of(one)]
    missing = set(settlements.unknown_balance_transactions(session, *desk.account.key, named))
    differences = []
    for one, compared in zip(found, compare(session, desk, facts), strict=True):
        fees = missing.intersection(balance_transactions_of(one))
        if not (compared.changed or fees):
            continue
        if not is_compared(has_open_operation=compared.is_busy):
            continue
        kind, ours, theirs = _in_words(subject, one, compared, sorted(fees))
        differences.append(Difference(kind, subject, object_id_of(one), ours, theirs))
    return differences


def _in_words(
    subject: Subject, one: Any, compared: Compared, fees: Sequence[str]
) -> tuple[DifferenceKind, str, str]:
    """Kind, ours and theirs."""
    kind = _KINDS[subject]
    known = compared.ours
    if subject is Subject.CHECKOUT_SESSION:
        return kind, str(known.status) if known else NOT_HERE, one.status
    if known is None:
        return kind, NOT_HERE, stated(one.status, one.amount_minor, one.currency)
    if not compared.changed:
        return DifferenceKind.FEE, NOT_HERE, ", ".join(fees)
    if compared.only_attempt:
        kind = DifferenceKind.CHARGE
    amount = "amount_received_minor" if subject is Subject.PAYMENT_INTENT else "amount_minor"
    ours = stated(known.status or "unknown", getattr(known, amount), known.currency)
    theirs = stated(one.status, getattr(one, amount), one.currency)
    if ours == theirs:
        ours, theirs = "another value", ", ".join(sorted(compared.changed))
    return kind, ours, theirs


def missing_at_stripe(
    session: Session, desk: Desk, listed: Iterable[str], first_at: datetime, last_at: datetime
) -> list[Difference]:
    """Payments created between two times that are not `listed` by Stripe."""
    ours = reconciliation_reads.created_between(session, desk.account.key, first_at, last_at)
    return [
        Difference(DifferenceKind.PAYMENT, Subject.PAYMENT_INTENT, intent_id, "here", NOT_THERE)
        for intent_id in sorted(ours - set(listed))
    ]


def missing_events(
    session: Session, desk: Desk, found: Sequence[EventSnapshot]
) -> list[EventSnapshot]:
    """The events of a page that never arrived, oldest first."""
    unknown = reconciliation_reads.unknown_events(
        session, desk.account.key, (one.event_id for one in found)
    )
    return [one for one in reversed(found) if one.event_id in unknown]


def missing_in_balance(
    session: Session, desk: Desk, found: Sequence[BalanceTransactionSnapshot]
) -> list[BalanceTransactionSnapshot]:
    """The balance transactions of a page that are not here, in its order."""
    ids = [one.balance_transaction_id for one in found]
    missing = set(settlements.unknown_balance_transactions(session, *desk.account.key, ids))
    return [one for one in found if one.balance_transaction_id in missing]


def event_outcome(state: EventState, problem: str | None) -> str:
    """What was done about an event that never arrived, by its state now, in words."""
    match state:
        case EventState.HANDLED:
            return "Stored and applied."
        case EventState.IGNORED:
            return f"Stored but not applied: {problem}"
        case _:
            return f"Stored but not applied yet: {problem or 'Another process is applying it.'}"


def stated(status: str, amount_minor: int, currency: str) -> str:
    """What Stripe states of an object, for people: its status or type, and how much it is."""
    return f"{status}, {format_money(Money(amount_minor, currency))}"

"""Where the desk differs from a page of Stripe's lists. Nothing is changed here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cardpay.domain.history.list_kinds import DifferenceKind
from cardpay.domain.history.reconciliation_rules import is_compared
from cardpay.domain.money import Money
from cardpay.domain.money_format import format_money
from cardpay.domain.stripe_facts.events import EventState, Subject
from cardpay.domain.stripe_facts.snapshots import (
    DisputeSnapshot,
    EventSnapshot,
    PaymentIntentSnapshot,
    RefundSnapshot,
)
from cardpay.services.desk import Desk
from cardpay.services.history.bulk_or_one_by_one import account, attempt_differs, payment_differs
from cardpay.storage.database.engine import Session
from cardpay.storage.history import bulk_import, reconciliation_reads
from cardpay.storage.payments import settlements

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


def in_payments(
    session: Session, desk: Desk, found: Sequence[PaymentIntentSnapshot]
) -> list[Difference]:
    """Differences in payments that are compared, their latest Charges and those Charges' fees."""
    payments = bulk_import.payments(
        session, account(desk), (one.payment_intent_id for one in found), locked=False
    )
    attempts = bulk_import.attempts(session, (payment.id for payment in payments.values()))
    missing = _missing_fees(session, desk, found)
    differences = []
    for intent in found:
        payment = payments.get(intent.payment_intent_id)
        said = _of_intent(
            payment, attempts.get(payment.id, []) if payment else [], intent, missing
        )
        compared = payment is None or is_compared(has_open_operation=payment.is_busy)
        if said is not None and compared:
            differences.append(
                Difference(said[0], Subject.PAYMENT_INTENT, intent.payment_intent_id, *said[1:])
            )
    return differences


def _of_intent(
    payment: Any,
    attempts: Sequence[dict[str, Any]],
    intent: PaymentIntentSnapshot,
    missing_fees: set[str],
) -> tuple[DifferenceKind, str, str] | None:
    """Kind, ours and theirs of the first difference."""
    if payment is None:
        return (
            DifferenceKind.PAYMENT,
            NOT_HERE,
            _stated(intent.status, intent.amount_minor, intent.currency),
        )
    if payment_differs(payment, intent):
        ours = _stated(payment.status or "unknown", payment.amount_received_minor, intent.currency)
        return (
            DifferenceKind.PAYMENT,
            ours,
            _stated(intent.status, intent.amount_received_minor, intent.currency),
        )
    charge = intent.latest_charge
    if charge is None:
        return None
    attempt = next((one for one in attempts if one["stripe_charge_id"] == charge.charge_id), None)
    if attempt_differs(attempt, charge):
        return DifferenceKind.CHARGE, attempt["outcome"] if attempt else NOT_HERE, charge.status
    if charge.balance_transaction_id in missing_fees:
        return DifferenceKind.FEE, NOT_HERE, str(charge.balance_transaction_id)
    return None


def missing_at_stripe(
    session: Session, desk: Desk, listed: Iterable[str], first_at: datetime, last_at: datetime
) -> list[Difference]:
    """Payments created between two times that are not `listed` by Stripe."""
    ours = reconciliation_reads.created_between(session, account(desk), first_at, last_at)
    return [
        Difference(DifferenceKind.PAYMENT, Subject.PAYMENT_INTENT, intent_id, "here", NOT_THERE)
        for intent_id in sorted(ours - set(listed))
    ]


def in_refunds(session: Session, desk: Desk, found: Sequence[RefundSnapshot]) -> list[Difference]:
    """Differences in refunds, their balance transactions included."""
    stored = bulk_import.statuses_of_refunds(
        session, account(desk), (one.refund_id for one in found)
    )
    return [
        Difference(
            DifferenceKind.REFUND,
            Subject.REFUND,
            one.refund_id,
            (stored[one.refund_id][0] or "unknown") if one.refund_id in stored else NOT_HERE,
            _stated(one.status, one.amount_minor, one.currency),
        )
        for one in found
        if one.payment_intent_id is not None
        and stored.get(one.refund_id) != (one.status, one.balance_transaction_id)
    ]


def in_disputes(
    session: Session, desk: Desk, found: Sequence[DisputeSnapshot]
) -> list[Difference]:
    """Differences in disputes."""
    stored = bulk_import.statuses_of_disputes(
        session, account(desk), (one.dispute_id for one in found)
    )
    return [
        Difference(
            DifferenceKind.DISPUTE,
            Subject.DISPUTE,
            one.dispute_id,
            stored.get(one.dispute_id, NOT_HERE),
            _stated(one.status, one.amount_minor, one.currency),
        )
        for one in found
        if stored.get(one.dispute_id) != one.status
    ]


def missing_events(
    session: Session, desk: Desk, found: Sequence[EventSnapshot]
) -> list[EventSnapshot]:
    """The events of a page that never arrived, oldest first."""
    unknown = reconciliation_reads.unknown_events(
        session, account(desk), (one.event_id for one in found)
    )
    return [one for one in reversed(found) if one.event_id in unknown]


def event_outcome(state: EventState, problem: str | None) -> str:
    """What was done about an event that never arrived, by its state now, in words."""
    match state:
        case EventState.HANDLED:
            return "Stored and applied."
        case EventState.IGNORED:
            return f"Stored but not applied: {problem}"
        case _:
            return f"Stored but not applied yet: {problem or 'Another process is applying it.'}"


def _missing_fees(
    session: Session, desk: Desk, found: Sequence[PaymentIntentSnapshot]
) -> set[str]:
    named = [one.latest_charge.balance_transaction_id for one in found if one.latest_charge]
    return set(
        settlements.unknown_balance_transactions(
            session, *account(desk), [fee for fee in named if fee]
        )
    )


def _stated(status: str, amount_minor: int, currency: str) -> str:
    return f"{status}, {format_money(Money(amount_minor, currency))}"

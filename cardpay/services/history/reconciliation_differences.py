"""Where the desk and a page of Stripe's list say different things. Nothing is changed here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cardpay.domain.money import Money
from cardpay.domain.money_format import format_money
from cardpay.domain.stripe_facts.events import EventState, Subject
from cardpay.domain.stripe_facts.settlement_snapshots import (
    DisputeSnapshot,
    EventSnapshot,
    RefundSnapshot,
)
from cardpay.domain.stripe_facts.snapshots import PaymentIntentSnapshot
from cardpay.services.desk import Desk
from cardpay.services.history.import_pages import account, attempt_differs, payment_differs
from cardpay.storage.database.engine import Session
from cardpay.storage.history import bulk_import, comparisons
from cardpay.storage.payments import settlements

NOT_HERE = "not here"
NOT_THERE = "not in Stripe's list"


@dataclass(frozen=True)
class Finding:
    """One object of which the two sides say different things, in words for people.

    `subject` and `object_id` are what to ask Stripe about.
    """

    kind: str
    subject: Subject
    object_id: str
    ours: str
    theirs: str


def of_intents(
    session: Session, desk: Desk, found: Sequence[PaymentIntentSnapshot]
) -> list[Finding]:
    """Payments, their latest Charges and those Charges' fees.

    A payment with an operation in the open is left to recovery, which knows what was asked.
    """
    payments = bulk_import.payments(
        session, account(desk), (one.payment_intent_id for one in found), locked=False
    )
    attempts = bulk_import.attempts(session, (payment.id for payment in payments.values()))
    missing = _missing_fees(session, desk, found)
    findings = []
    for intent in found:
        payment = payments.get(intent.payment_intent_id)
        said = _of_intent(
            payment, attempts.get(payment.id, []) if payment else [], intent, missing
        )
        if said is not None and not (payment is not None and payment.is_busy):
            findings.append(
                Finding(said[0], Subject.PAYMENT_INTENT, intent.payment_intent_id, *said[1:])
            )
    return findings


def _of_intent(
    payment: Any,
    attempts: Sequence[dict[str, Any]],
    intent: PaymentIntentSnapshot,
    missing_fees: set[str],
) -> tuple[str, str, str] | None:
    """Kind, ours and theirs of the first difference."""
    if payment is None:
        return (
            "Payment",
            NOT_HERE,
            _stated(intent.status, intent.amount_minor, intent.currency),
        )
    if payment_differs(payment, intent):
        ours = _stated(payment.status or "unknown", payment.amount_received_minor, intent.currency)
        return (
            "Payment",
            ours,
            _stated(intent.status, intent.amount_received_minor, intent.currency),
        )
    charge = intent.latest_charge
    if charge is None:
        return None
    attempt = next((one for one in attempts if one["stripe_charge_id"] == charge.charge_id), None)
    if attempt_differs(attempt, charge):
        return "Charge", attempt["outcome"] if attempt else NOT_HERE, charge.status
    if charge.balance_transaction_id in missing_fees:
        return "Fee", NOT_HERE, str(charge.balance_transaction_id)
    return None


def of_absent(
    session: Session, desk: Desk, listed: Iterable[str], first_at: datetime, last_at: datetime
) -> list[Finding]:
    """Payments of ours between two times that Stripe's list does not have."""
    ours = comparisons.created_between(session, account(desk), first_at, last_at)
    return [
        Finding("Payment", Subject.PAYMENT_INTENT, intent_id, "here", NOT_THERE)
        for intent_id in sorted(ours - set(listed))
    ]


def of_refunds(session: Session, desk: Desk, found: Sequence[RefundSnapshot]) -> list[Finding]:
    """Refunds, their fees included."""
    stored = bulk_import.statuses_of_refunds(
        session, account(desk), (one.refund_id for one in found)
    )
    return [
        Finding(
            "Refund",
            Subject.REFUND,
            one.refund_id,
            (stored[one.refund_id][0] or "unknown") if one.refund_id in stored else NOT_HERE,
            _stated(one.status, one.amount_minor, one.currency),
        )
        for one in found
        if one.payment_intent_id is not None
        and stored.get(one.refund_id) != (one.status, one.balance_transaction_id)
    ]


def of_disputes(session: Session, desk: Desk, found: Sequence[DisputeSnapshot]) -> list[Finding]:
    """Disputes."""
    stored = bulk_import.statuses_of_disputes(
        session, account(desk), (one.dispute_id for one in found)
    )
    return [
        Finding(
            "Dispute",
            Subject.DISPUTE,
            one.dispute_id,
            stored.get(one.dispute_id, NOT_HERE),
            _stated(one.status, one.amount_minor, one.currency),
        )
        for one in found
        if stored.get(one.dispute_id) != one.status
    ]


def events_that_never_came(
    session: Session, desk: Desk, found: Sequence[EventSnapshot]
) -> list[EventSnapshot]:
    """Oldest first, as they should have come."""
    unknown = comparisons.unknown_events(session, account(desk), (one.event_id for one in found))
    return [one for one in reversed(found) if one.event_id in unknown]


def of_stored(state: str, problem: str | None) -> str:
    """What was done about an event that never came, by how far it is now."""
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

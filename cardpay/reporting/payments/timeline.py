"""A payment's timeline: actions, attempts, events, refunds and disputes, oldest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from cardpay.domain.money import Money
from cardpay.domain.money_format import format_money
from cardpay.domain.payment.attempt import ATTEMPT_LABELS, FAILED_ATTEMPTS, AttemptOutcome
from cardpay.domain.payment.declines import REASON_NOT_FOR_CALLER, advice_for
from cardpay.domain.payment.display_status import DisplayStatus, is_authentication
from cardpay.domain.payment.operation import OperationKind, OperationState
from cardpay.domain.payment.refund import RefundStatus, is_release
from cardpay.domain.payment.status import CancellationCause, PaymentStatus
from cardpay.domain.payment_link.link_rules import LinkStatus
from cardpay.reporting.payments.method_words import IS_CARD, method_words
from cardpay.reporting.payments.payment_disputes import disputes
from cardpay.reporting.staff_names import names
from cardpay.storage.schema.tables import (
    AuditEntry,
    Operation,
    Payment,
    PaymentAttempt,
    Refund,
    StripeEvent,
)

_ATTEMPT_TONES: Final[dict[AttemptOutcome, str]] = {
    AttemptOutcome.PENDING: "warning",
    AttemptOutcome.REQUIRES_ACTION: "warning",
    AttemptOutcome.PROCESSING: "info",
    AttemptOutcome.SUCCEEDED: "success",
    AttemptOutcome.AUTHORISED: "info",
    AttemptOutcome.DECLINED: "error",
    AttemptOutcome.AUTHENTICATION_FAILED: "error",
    AttemptOutcome.REFUSED: "error",
    AttemptOutcome.NOT_CHARGED: "neutral",
}

_ACTS: Final = {
    "payment.create": "Payment created",
    "payment.link": "Payment link made",
    "payment.link.cancel": "Link cancellation requested",
    "payment.link.seen": "Payment link opened to send it",
    "payment.cancel": "Cancellation requested",
    "payment.capture": "Capture requested",
    "payment.refund": "Refund requested",
    "payment.receipt_email": "Receipt email requested",
    "operation.look": "Checked with Stripe",
    "customer.erase": "Customer details erased",
    "operation.try_again": "Retried",
    "operation.give_up": "Dismissed",
}
_STATUS_TITLES: Final[dict[str, tuple[str, str]]] = {
    PaymentStatus.REQUIRES_PAYMENT_METHOD: ("Awaiting card", "neutral"),
    PaymentStatus.REQUIRES_CONFIRMATION: ("Awaiting confirmation", "neutral"),
    PaymentStatus.REQUIRES_ACTION: ("Needs authentication", "warning"),
    PaymentStatus.PROCESSING: ("Processing", "info"),
    PaymentStatus.REQUIRES_CAPTURE: ("Authorised", "info"),
    PaymentStatus.CANCELED: ("Cancelled", "neutral"),
    PaymentStatus.SUCCEEDED: ("Succeeded", "success"),
}
_LINK_TITLES: Final[dict[str, tuple[str, str]]] = {
    LinkStatus.OPEN: ("Link open", "info"),
    LinkStatus.COMPLETE: ("Link paid", "success"),
    LinkStatus.EXPIRED: ("Link closed", "neutral"),
}
_CAUSES: Final[dict[str, str]] = {
    CancellationCause.RECOVERY: "Stripe didn't confirm the charge in time",
    CancellationCause.EXPIRED: "Not paid in time",
}
_OPERATIONS: Final = {
    OperationKind.CREATE: "Payment creation",
    OperationKind.CONFIRM: "Charge",
    OperationKind.CANCEL: "Cancellation",
    OperationKind.CAPTURE: "Capture",
    OperationKind.REFUND: "Refund",
    OperationKind.RECEIPT: "Receipt email",
    OperationKind.CREATE_LINK: "Payment link",
    OperationKind.EXPIRE_LINK: "Link cancellation",
}
_REFUND_TONES: Final[dict[str, str]] = {
    RefundStatus.SUCCEEDED: "success",
    RefundStatus.FAILED: "error",
    RefundStatus.CANCELED: "neutral",
}


@dataclass(frozen=True)
class TimelineEntry:
    """One event. `tone` is success, error, warning, info or neutral."""

    at: datetime
    title: str
    detail: str
    tone: str


def timeline(session: Session, payment: Payment) -> tuple[TimelineEntry, ...]:
    """Everything that happened to a payment, oldest first."""
    entries = [
        *_acts(session, payment),
        *_attempts(session, payment),
        *_failed_requests(session, payment),
        *_events(session, payment),
        *_refunds(session, payment),
        *_disputes(session, payment),
    ]
    return tuple(sorted(entries, key=lambda entry: entry.at))


def _acts(session: Session, payment: Payment) -> Iterator[TimelineEntry]:
    rows = session.exec(
        select(AuditEntry)
        .where(AuditEntry.subject_kind == "payment", AuditEntry.subject_id == payment.id)
        .order_by(col(AuditEntry.id))
    )
    acted = rows.all()
    people = names(session, {row.actor_id for row in acted})
    for row in acted:
        if row.act == "payment.status":
            status = str(row.after.get("status") or "")
            title, tone = _STATUS_TITLES.get(status, (status, "neutral"))
            if status == PaymentStatus.REQUIRES_ACTION and _waits_elsewhere(payment):
                title, tone = DisplayStatus.AWAITING_CUSTOMER.value, "info"
            yield TimelineEntry(row.at, title, "From Stripe", tone)
        elif row.act == "payment.link.status":
            title, tone = _LINK_TITLES.get(str(row.after.get("link")), ("Link changed", "neutral"))
            yield TimelineEntry(row.at, title, "From Stripe", tone)
        elif row.act in _ACTS:
            cause = _CAUSES.get(str(row.after.get("cause") or ""), "")
            title = f"{_ACTS[row.act]} by {people[row.actor_id]}"
            yield TimelineEntry(row.at, title, cause, "neutral")


def _waits_elsewhere(payment: Payment) -> bool:
    """Whether what the payment waits or waited for is no authentication of a card."""
    return payment.payment_method_type not in IS_CARD or not is_authentication(
        payment.next_action_type, taken_at_desk=payment.taken_at_desk
    )


def _attempts(session: Session, payment: Payment) -> Iterator[TimelineEntry]:
    rows = session.exec(select(PaymentAttempt).where(PaymentAttempt.payment_id == payment.id))
    for row in rows:
        outcome = row.outcome
        method = method_words(row.method_type, row.card_brand, row.card_last4) or "Card"
        reason = ""
        if outcome in FAILED_ATTEMPTS:
            reason = _reason(row)
        yield TimelineEntry(
            row.created_at,
            f"{method}: {ATTEMPT_LABELS[outcome].lower()}",
            _sentence(reason, row.stripe_charge_id),
            _ATTEMPT_TONES[outcome],
        )


def _reason(row: PaymentAttempt) -> str:
    """Why an attempt failed, with Stripe's code unless the caller must not hear it."""
    title = advice_for(row.failure_code, row.decline_code).title
    code = row.decline_code or row.failure_code
    return title if code is None or code in REASON_NOT_FOR_CALLER else f"{title} ({code})"


def _failed_requests(session: Session, payment: Payment) -> Iterator[TimelineEntry]:
    """Requests that Stripe refused or did not answer. The others are shown as acts."""
    rows = session.exec(select(Operation).where(Operation.payment_id == payment.id))
    for row in rows:
        noun = _OPERATIONS[row.kind]
        request = f"Stripe request {row.stripe_request_id}" if row.stripe_request_id else ""
        if row.state == OperationState.REFUSED:
            title, tone = f"{noun} refused by Stripe", "error"
        elif row.state == OperationState.ABANDONED:
            title, tone = f"{noun} abandoned without an answer from Stripe", "warning"
        elif row.state == OperationState.OPEN:
            title, tone = f"{noun} not confirmed by Stripe yet", "warning"
        else:
            continue
        at = row.finished_at or row.last_sent_at or row.created_at
        yield TimelineEntry(at, title, _sentence(row.problem, request), tone)


def _events(session: Session, payment: Payment) -> Iterator[TimelineEntry]:
    if payment.stripe_payment_intent_id is None:
        return
    rows = session.exec(
        select(StripeEvent).where(
            StripeEvent.stripe_payment_intent_id == payment.stripe_payment_intent_id,
            StripeEvent.stripe_account_id == payment.stripe_account_id,
            StripeEvent.livemode == payment.livemode,
        )
    )
    for row in rows:
        detail = _sentence(row.type, row.stripe_event_id)
        yield TimelineEntry(row.created_at, "Event from Stripe", detail, "neutral")


def _refunds(session: Session, payment: Payment) -> Iterator[TimelineEntry]:
    rows = session.exec(select(Refund).where(Refund.payment_id == payment.id))
    for row in rows:
        amount = format_money(Money(row.amount_minor, row.currency))
        status = row.status or "not confirmed yet"
        if is_release(row, payment.amount_minor, payment.amount_received_minor):
            yield TimelineEntry(
                row.created_at, f"{amount} released", _sentence(row.stripe_refund_id), "neutral"
            )
            continue
        yield TimelineEntry(
            row.created_at,
            f"Refund of {amount}: {status}",
            _sentence(row.reason, row.failure_reason, row.stripe_refund_id),
            _REFUND_TONES.get(status, "warning"),
        )


def _disputes(session: Session, payment: Payment) -> Iterator[TimelineEntry]:
    for dispute in disputes(session, payment):
        yield TimelineEntry(
            dispute.created_at,
            f"{format_money(dispute.amount)} disputed: {dispute.words}",
            _sentence(dispute.reason, dispute.dispute_id),
            dispute.tone,
        )


def _sentence(*parts: Any) -> str:
    return " · ".join(str(part) for part in parts if part)

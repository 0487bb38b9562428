"""A payment's timeline: what people did, and Stripe's technical events, oldest first.

Stripe's times are whole seconds and the desk's are not, so that within a second they tell nothing
of the order: there it is the order in which the steps of a payment follow each other.
"""

from collections.abc import Iterator, Sequence
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
from cardpay.domain.payment.status import CancellationCause, PaymentStatus
from cardpay.domain.payment_link.link_rules import LinkStatus
from cardpay.reporting.payment_page.refunds_and_disputes import RefundFacts, disputes, refunds
from cardpay.reporting.payment_page.timeline_steps import (
    STEPS_OF_ACT,
    STEPS_OF_OPERATION,
    STEPS_OF_STATUS,
    Step,
    step_of_event,
)
from cardpay.reporting.payments.method_words import IS_CARD, in_plain_words, method_words
from cardpay.reporting.staff_names import names
from cardpay.storage.schema.tables import (
    AuditEntry,
    Operation,
    Payment,
    PaymentAttempt,
    PaymentNote,
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
_OUTSIDE: Final = frozenset({CancellationCause.HOLD_EXPIRED, CancellationCause.STRIPE})
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


@dataclass(frozen=True)
class TimelineEntry:
    """One event. `tone` is success, error, warning, info or neutral.

    `is_technical` says that no person did it: Stripe's statuses and events. `reference` is
    Stripe's id of what it is about.
    """

    at: datetime
    title: str
    detail: str
    tone: str
    step: Step
    is_technical: bool = False
    reference: str = ""

    @property
    def place(self) -> tuple[datetime, Step, datetime]:
        """Where it stands in the timeline."""
        return self.at.replace(microsecond=0), self.step, self.at


def timeline(session: Session, payment: Payment) -> tuple[TimelineEntry, ...]:
    """Everything that happened to a payment, oldest first."""
    refunded = refunds(session, payment)
    entries = [
        *_acts(session, payment, {row.refund_id for row in refunded}),
        *_attempts(session, payment),
        *_failed_requests(session, payment),
        *_events(session, payment),
        *_refunds(refunded),
        *_disputes(session, payment),
        *_notes(session, payment),
    ]
    return tuple(sorted(entries, key=lambda entry: entry.place))


def _acts(session: Session, payment: Payment, refund_ids: set[str]) -> Iterator[TimelineEntry]:
    rows = session.exec(
        select(AuditEntry)
        .where(AuditEntry.subject_kind == "payment", AuditEntry.subject_id == payment.id)
        .order_by(col(AuditEntry.id))
    )
    acted = rows.all()
    people = names(session, {row.actor_id for row in acted})
    for row in acted:
        if row.act == "payment.status":
            yield _status_entry(payment, row)
        elif row.act == "payment.link.status":
            title, tone = _LINK_TITLES.get(str(row.after.get("link")), ("Link changed", "neutral"))
            yield TimelineEntry(row.at, title, "From Stripe", tone, Step.HOLD)
        elif row.act in _ACTS and row.after.get("refund_id") not in refund_ids:
            yield TimelineEntry(
                row.at,
                f"{_ACTS[row.act]} by {people[row.actor_id]}",
                _CAUSES.get(str(row.after.get("cause") or ""), "") or _part(payment, row),
                "neutral",
                STEPS_OF_ACT.get(row.act, Step.UNDER_WAY),
            )


def _part(payment: Payment, row: AuditEntry) -> str:
    """How much of a hold somebody captured, and what of it is released."""
    if row.act != "payment.capture":
        return ""
    held, taken = row.before.get("amount_capturable_minor"), row.after.get("amount_minor")
    if not isinstance(held, int) or not isinstance(taken, int):
        return ""
    words = f"{format_money(Money(taken, payment.currency))} of "
    words += format_money(Money(held, payment.currency))
    rest = Money(held - taken, payment.currency)
    return words + (f", {format_money(rest)} released" if rest.amount_minor else "")


def _status_entry(payment: Payment, row: AuditEntry) -> TimelineEntry:
    status = str(row.after.get("status") or "")
    title, tone = _STATUS_TITLES.get(status, (status, "neutral"))
    if status == PaymentStatus.REQUIRES_ACTION and _waits_elsewhere(payment):
        title, tone = DisplayStatus.AWAITING_CUSTOMER.value, "info"
    is_outside = status == PaymentStatus.CANCELED and payment.cancellation_cause in _OUTSIDE
    if is_outside and payment.cancellation_cause == CancellationCause.HOLD_EXPIRED:
        held = format_money(Money(payment.amount_minor, payment.currency))
        title, tone = f"The hold of {held} ran out and was released", "warning"
    return TimelineEntry(
        row.at,
        title,
        "From Stripe",
        tone,
        STEPS_OF_STATUS.get(status, Step.UNDER_WAY),
        is_technical=not is_outside,
    )


def _waits_elsewhere(payment: Payment) -> bool:
    """Whether what the payment waits or waited for is no authentication of a card."""
    return payment.payment_method_type not in IS_CARD or not is_authentication(
        payment.next_action_type, taken_at_desk=payment.taken_at_desk
    )


def _attempts(session: Session, payment: Payment) -> Iterator[TimelineEntry]:
    rows = session.exec(
        select(PaymentAttempt).where(PaymentAttempt.payment_id == payment.id)
    ).all()
    people = names(session, {row.actor_id for row in rows if row.actor_id})
    for row in rows:
        outcome = row.outcome
        method = method_words(row.method_type, row.card_brand, row.card_last4) or "Card"
        reason = _reason(row) if outcome in FAILED_ATTEMPTS else ""
        by = f"by {people[row.actor_id]}" if row.actor_id else ""
        yield TimelineEntry(
            row.created_at,
            f"{method}: {ATTEMPT_LABELS[outcome].lower()}",
            _sentence(reason, by),
            _ATTEMPT_TONES[outcome],
            Step.ATTEMPT,
            reference=row.stripe_charge_id or "",
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
        yield TimelineEntry(
            at, title, row.problem or "", tone, STEPS_OF_OPERATION[row.kind], reference=request
        )


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
        yield TimelineEntry(
            row.created_at,
            "Event from Stripe",
            row.type,
            "neutral",
            step_of_event(row.type),
            is_technical=True,
            reference=row.stripe_event_id,
        )


def _refunds(rows: Sequence[RefundFacts]) -> Iterator[TimelineEntry]:
    for row in rows:
        amount, reference = format_money(row.amount), row.stripe_refund_id or ""
        if row.is_release:
            title, detail, tone = f"{amount} released", "", "neutral"
        else:
            title = f"Refund of {amount}: {row.status[0].lower()}{row.status[1:]}"
            by = f"by {row.requested_by}" if row.requested_by else ""
            detail, tone = _sentence(row.reason, row.problem, by), row.tone
        yield TimelineEntry(row.at, title, detail, tone, Step.REFUND, reference=reference)


def _notes(session: Session, payment: Payment) -> Iterator[TimelineEntry]:
    rows = session.exec(select(PaymentNote).where(PaymentNote.payment_id == payment.id)).all()
    people = names(session, {row.actor_id for row in rows})
    for row in rows:
        title = f"Note by {people[row.actor_id]}"
        yield TimelineEntry(row.created_at, title, row.text, "neutral", Step.NOTE)


def _disputes(session: Session, payment: Payment) -> Iterator[TimelineEntry]:
    for dispute in disputes(session, payment):
        yield TimelineEntry(
            dispute.created_at,
            f"{format_money(dispute.amount)} disputed: {dispute.words}",
            in_plain_words(dispute.reason or ""),
            dispute.tone,
            Step.DISPUTE,
            reference=dispute.dispute_id,
        )


def _sentence(*parts: Any) -> str:
    return " · ".join(str(part) for part in parts if part)

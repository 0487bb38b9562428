"""A page of Stripe's objects, stored at once.

It means what the one way in (`applying`) means. Whatever is new and plain is written in bulk,
as applying it would have left it; all else (a payment of the desk's own, a decline with its
reasons, a hold, anything that differs from what is stored) is applied one by one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cardpay.domain.actor import Actor
from cardpay.domain.payment import (
    SETTLED_ATTEMPTS,
    AttemptOutcome,
    CancellationCause,
    PaymentStatus,
    display_status,
)
from cardpay.domain.settlement_snapshots import (
    BalanceTransactionSnapshot,
    DisputeSnapshot,
    RefundSnapshot,
)
from cardpay.domain.snapshots import ChargeSnapshot, PaymentIntentSnapshot
from cardpay.services import applying, applying_elsewhere, applying_settlement
from cardpay.services.desk import Desk
from cardpay.storage import importing
from cardpay.storage.engine import Session


@dataclass(frozen=True)
class PageImport:
    """One page, in one transaction. `asked_at` is when the request for it began."""

    session: Session
    desk: Desk
    actor: Actor
    asked_at: datetime

    def payment_intents(self, found: Sequence[PaymentIntentSnapshot]) -> None:
        """Their payments; the Charges come by themselves."""
        stored = importing.payments(
            self.session, account(self.desk), (intent.payment_intent_id for intent in found)
        )
        new = []
        for intent in found:
            row = stored.get(intent.payment_intent_id)
            if row is None and _is_plain(intent):
                new.append(_payment_row(self.desk, intent))
            elif row is None or payment_differs(row, intent):
                applying.apply_intent(
                    self.session, self.desk, self.actor, intent, asked_at=self.asked_at
                )
        importing.add_payments(self.session, new)

    def charges(self, found: Sequence[ChargeSnapshot]) -> None:
        """The attempts of payments, and what the payments' rows show of them."""
        charges: dict[str, list[ChargeSnapshot]] = {}
        for charge in found:
            if charge.payment_intent_id is not None:
                charges.setdefault(charge.payment_intent_id, []).append(charge)
        payments = importing.payments(self.session, account(self.desk), charges)
        attempts = importing.attempts(self.session, (payment.id for payment in payments.values()))
        new: list[dict[str, Any]] = []
        restated = []
        for intent_id, payment in payments.items():
            stored: list[Mapping[str, Any]] = [*attempts.get(payment.id, [])]
            by_charge = {attempt["stripe_charge_id"]: attempt for attempt in stored}
            news = [
                charge
                for charge in charges[intent_id]
                if attempt_differs(by_charge.get(charge.charge_id), charge)
            ]
            if not news:
                continue
            plain = (
                not (payment.taken_at_desk or payment.is_busy)
                and all(charge.charge_id not in by_charge for charge in news)
                and all(
                    AttemptOutcome(attempt["outcome"]) in SETTLED_ATTEMPTS for attempt in stored
                )
                and all(outcome_of(charge) in SETTLED_ATTEMPTS for charge in news)
            )
            if plain:
                rows = [_attempt_row(self.desk, payment.id, charge) for charge in news]
                new += rows
                restated.append(_restated(self.desk, payment, stored + rows))
            else:
                for charge in news:
                    applying.apply_charge(self.session, self.desk, charge)
        importing.add_attempts(self.session, new)
        importing.restate_payments(self.session, restated)

    def refunds(self, found: Sequence[RefundSnapshot]) -> None:
        """Refunds, and how much of each payment they leave."""
        intent_ids = {refund.payment_intent_id for refund in found if refund.payment_intent_id}
        payments = importing.payments(self.session, account(self.desk), intent_ids)
        stored = importing.statuses_of_refunds(
            self.session, account(self.desk), (refund.refund_id for refund in found)
        )
        new = []
        for refund in found:
            payment = payments.get(refund.payment_intent_id or "")
            known = stored.get(refund.refund_id)
            if known is None and payment is not None and not payment.taken_at_desk:
                new.append(_refund_row(self.desk, payment.id, refund))
            elif known != (refund.status, refund.balance_transaction_id):
                applying_settlement.apply_refund(
                    self.session, self.desk, self.actor, refund, asked_at=self.asked_at
                )
        importing.add_refunds(self.session, new)

    def disputes(self, found: Sequence[DisputeSnapshot]) -> None:
        """Disputes: few enough to be applied one by one."""
        stored = importing.statuses_of_disputes(
            self.session, account(self.desk), (dispute.dispute_id for dispute in found)
        )
        for dispute in found:
            if stored.get(dispute.dispute_id) != dispute.status:
                applying_settlement.apply_dispute(
                    self.session, self.desk, self.actor, dispute, asked_at=self.asked_at
                )

    def balance_transactions(self, found: Sequence[BalanceTransactionSnapshot]) -> None:
        """What the Stripe balance says; it is joined to its source by id."""
        rows = [applying_settlement.balance_transaction_row(self.desk, one) for one in found]
        importing.add_balance_transactions(self.session, rows, applying_settlement.AVAILABLE)


def payment_differs(row: Any, intent: PaymentIntentSnapshot) -> bool:
    """Whether a PaymentIntent says something that the stored payment does not."""
    return bool(
        row.status != intent.status.value
        or row.amount_received_minor != intent.amount_received_minor
        or row.amount_capturable_minor != intent.amount_capturable_minor
        or (intent.latest_charge_id or row.latest_charge_id) != row.latest_charge_id
        or (not row.taken_at_desk and row.amount_minor != intent.amount_minor)
    )


def attempt_differs(attempt: Mapping[str, Any] | None, charge: ChargeSnapshot) -> bool:
    """Whether a Charge says something that its stored attempt does not.

    An attempt known by a decline alone was given the time of that news.
    """
    return (
        attempt is None
        or attempt["outcome"] != outcome_of(charge).value
        or (attempt["operation_id"] is None and attempt["created_at"] != charge.created_at)
    )


def outcome_of(charge: ChargeSnapshot) -> AttemptOutcome:
    """How the attempt that became this Charge ended."""
    if charge.status == "failed":
        return AttemptOutcome.DECLINED
    if charge.status == "pending":
        return AttemptOutcome.PROCESSING
    return AttemptOutcome.SUCCEEDED if charge.captured else AttemptOutcome.AUTHORISED


def account(desk: Desk) -> tuple[str, bool]:
    """Whose rows these are."""
    return desk.books.stripe_account_id, desk.books.livemode


def _is_plain(intent: PaymentIntentSnapshot) -> bool:
    """Neither a payment that the desk may have begun, nor one with more to tell than its row."""
    return (
        intent.last_error is None
        and intent.status is not PaymentStatus.REQUIRES_ACTION
        and "payment_id" not in intent.metadata
    )


def _payment_row(desk: Desk, intent: PaymentIntentSnapshot) -> dict[str, Any]:
    """As `apply_intent` leaves a payment that was taken elsewhere and has no Charge yet."""
    now = desk.now()
    cancelled = intent.status is PaymentStatus.CANCELED
    cause = CancellationCause.STRIPE if cancelled else None
    word = display_status(
        intent.status, has_open_operation=False, last_attempt=None, cancellation_cause=cause
    )
    return {
        **applying_elsewhere.new_row(desk, intent),
        "status": intent.status.value,
        "status_as_of": now,
        "display_status": word.value,
        "amount_received_minor": intent.amount_received_minor,
        "amount_capturable_minor": intent.amount_capturable_minor,
        "capture_method": "manual" if intent.capture_method == "manual" else "automatic",
        "latest_charge_id": intent.latest_charge_id,
        "canceled_at": (intent.canceled_at or now) if cancelled else None,
        "cancellation_cause": cause.value if cause else None,
        "succeeded_at": now if intent.status is PaymentStatus.SUCCEEDED else None,
    }


def _attempt_row(desk: Desk, payment_id: str, charge: ChargeSnapshot) -> dict[str, Any]:
    outcome = outcome_of(charge)
    failed = outcome is AttemptOutcome.DECLINED
    card = charge.card
    return {
        "id": f"charge-{charge.charge_id}",
        "stripe_account_id": desk.books.stripe_account_id,
        "livemode": desk.books.livemode,
        "payment_id": payment_id,
        "outcome": outcome.value,
        "stripe_payment_method_id": charge.payment_method_id,
        "stripe_charge_id": charge.charge_id,
        "amount_minor": charge.amount_minor,
        "currency": charge.currency,
        "card_brand": card.brand if card else None,
        "card_last4": card.last4 if card else None,
        "card_exp_month": card.exp_month if card else None,
        "card_exp_year": card.exp_year if card else None,
        "card_country": card.country if card else None,
        "card_funding": card.funding if card else None,
        "card_fingerprint": card.fingerprint if card else None,
        "failure_code": charge.failure_code if failed else None,
        "decline_code": charge.decline_code if failed else None,
        "network_decline_code": charge.network_decline_code if failed else None,
        "advice_code": charge.advice_code if failed else None,
        "capture_before_at": charge.capture_before_at if failed else None,
        "created_at": charge.created_at,
        "settled_at": desk.now(),
    }


def _restated(desk: Desk, payment: Any, attempts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """As `restate` leaves a payment with these attempts and no operation."""
    last = max(attempts, key=lambda attempt: (attempt["created_at"], attempt["id"]))
    succeeded = [
        attempt["created_at"]
        for attempt in attempts
        if attempt["outcome"] == AttemptOutcome.SUCCEEDED.value
    ]
    word = display_status(
        PaymentStatus(payment.status),
        has_open_operation=False,
        last_attempt=AttemptOutcome(last["outcome"]),
        cancellation_cause=(
            CancellationCause(payment.cancellation_cause) if payment.cancellation_cause else None
        ),
    )
    return {
        "payment_id": payment.id,
        "display_status": word.value,
        "card_brand": last["card_brand"],
        "card_last4": last["card_last4"],
        "succeeded_at": max(succeeded) if succeeded else payment.succeeded_at,
        "updated_at": desk.now(),
    }


def _refund_row(desk: Desk, payment_id: str, refund: RefundSnapshot) -> dict[str, Any]:
    now = desk.now()
    return {
        "id": f"refund-{refund.refund_id}",
        "stripe_account_id": desk.books.stripe_account_id,
        "livemode": desk.books.livemode,
        "payment_id": payment_id,
        "stripe_refund_id": refund.refund_id,
        "stripe_charge_id": refund.charge_id,
        "stripe_balance_transaction_id": refund.balance_transaction_id,
        "status": refund.status,
        "status_as_of": now,
        "amount_minor": refund.amount_minor,
        "currency": refund.currency,
        "reason": refund.reason,
        "failure_reason": refund.failure_reason,
        "created_at": refund.created_at,
        "updated_at": now,
    }

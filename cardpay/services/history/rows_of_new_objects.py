"""The rows that new and plain objects of Stripe's become, just as applying them leaves them."""

from collections.abc import Mapping, Sequence
from typing import Any

from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.domain.payment.display_status import display_status
from cardpay.domain.payment.status import CancellationCause, PaymentStatus
from cardpay.domain.stripe_facts.snapshots import (
    CardSnapshot,
    ChargeSnapshot,
    PaymentErrorSnapshot,
    PaymentIntentSnapshot,
    RefundSnapshot,
)
from cardpay.services.desk import Desk
from cardpay.services.stripe_facts import attempt_facts, taken_elsewhere

_CARD_COLUMNS = (
    "card_brand",
    "card_last4",
    "card_exp_month",
    "card_exp_year",
    "card_country",
    "card_funding",
    "card_fingerprint",
)
NO_ATTEMPT = dict.fromkeys(
    (
        *_CARD_COLUMNS,
        "outcome",
        "stripe_payment_method_id",
        "failure_code",
        "decline_code",
        "network_decline_code",
        "advice_code",
        "capture_before_at",
        "settled_at",
    )
)


def payment_row(desk: Desk, intent: PaymentIntentSnapshot) -> dict[str, Any]:
    """As `apply_intent` leaves a payment that was taken elsewhere and has no Charge yet."""
    now = desk.now()
    cancelled = intent.status is PaymentStatus.CANCELED
    cause = CancellationCause.STRIPE if cancelled else None
    error = intent.last_error if intent.last_error and intent.last_error.charge_id else None
    card = error.card if error and error.card and error.card.last4 else None
    word = display_status(
        intent.status,
        has_open_operation=False,
        last_attempt=attempt_facts.outcome_of_error(error) if error else None,
        cancellation_cause=cause,
    )
    return {
        **taken_elsewhere.new_row(desk, intent),
        "status": intent.status,
        "status_as_of": now,
        "display_status": word,
        "amount_received_minor": intent.amount_received_minor,
        "amount_capturable_minor": intent.amount_capturable_minor,
        "capture_method": "manual" if intent.capture_method == "manual" else "automatic",
        "latest_charge_id": intent.latest_charge_id,
        "card_brand": card.brand if card else None,
        "card_last4": card.last4 if card else None,
        "canceled_at": (intent.canceled_at or now) if cancelled else None,
        "cancellation_cause": cause,
        "succeeded_at": now if intent.status is PaymentStatus.SUCCEEDED else None,
    }


def declined_row(
    desk: Desk, payment: Mapping[str, Any], error: PaymentErrorSnapshot
) -> dict[str, Any]:
    """As `take_decline` leaves the attempt of a Charge that has not been seen itself."""
    now = desk.now()
    return {
        "id": f"charge-{error.charge_id}",
        "stripe_account_id": desk.account.stripe_account_id,
        "livemode": desk.account.livemode,
        "payment_id": payment["id"],
        "outcome": attempt_facts.outcome_of_error(error),
        "stripe_payment_method_id": error.payment_method_id,
        "stripe_charge_id": error.charge_id,
        "amount_minor": payment["amount_minor"],
        "currency": payment["currency"],
        **_card_columns(error.card, NO_ATTEMPT),
        "failure_code": error.code,
        "decline_code": error.decline_code,
        "network_decline_code": error.network_decline_code,
        "advice_code": error.advice_code,
        "capture_before_at": None,
        "created_at": now,
        "settled_at": now,
    }


def attempt_row(
    desk: Desk, payment_id: str, charge: ChargeSnapshot, old: Mapping[str, Any]
) -> dict[str, Any]:
    """As `take_charge` leaves the attempt; `old` is what is known from a decline."""
    outcome = attempt_facts.outcome_of_charge(charge)
    failed = outcome is AttemptOutcome.DECLINED
    return {
        "id": f"charge-{charge.charge_id}",
        "stripe_account_id": desk.account.stripe_account_id,
        "livemode": desk.account.livemode,
        "payment_id": payment_id,
        "outcome": old["outcome"] or outcome,
        "stripe_payment_method_id": (old["stripe_payment_method_id"] or charge.payment_method_id),
        "stripe_charge_id": charge.charge_id,
        "amount_minor": charge.amount_minor,
        "currency": charge.currency,
        **_card_columns(charge.card, old),
        "failure_code": (failed and charge.failure_code) or old["failure_code"],
        "decline_code": old["decline_code"] or (charge.decline_code if failed else None),
        "network_decline_code": (
            (failed and charge.network_decline_code) or old["network_decline_code"]
        ),
        "advice_code": (failed and charge.advice_code) or old["advice_code"],
        "capture_before_at": (
            (charge.capture_before_at or old["capture_before_at"]) if failed else None
        ),
        "created_at": charge.created_at,
        "settled_at": old["settled_at"] or desk.now(),
    }


def _card_columns(card: CardSnapshot | None, old: Mapping[str, Any]) -> dict[str, Any]:
    said = {name: getattr(card, name.removeprefix("card_"), None) for name in _CARD_COLUMNS}
    return {name: old[name] if value is None else value for name, value in said.items()}


def derived_columns(
    desk: Desk, payment: Any, attempts: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """As `update_derived_fields` leaves a payment with these attempts and no operation."""
    last = max(attempts, key=lambda attempt: (attempt["created_at"], attempt["id"]))
    shown = last if last["card_last4"] else NO_ATTEMPT
    succeeded = [
        attempt["created_at"]
        for attempt in attempts
        if attempt["outcome"] == AttemptOutcome.SUCCEEDED
    ]
    word = display_status(
        payment.status,
        has_open_operation=False,
        last_attempt=last["outcome"],
        cancellation_cause=payment.cancellation_cause,
    )
    return {
        "id": payment.id,
        "display_status": word,
        "card_brand": shown["card_brand"],
        "card_last4": shown["card_last4"],
        "succeeded_at": max(succeeded) if succeeded else payment.succeeded_at,
        "updated_at": desk.now(),
    }


def refund_row(desk: Desk, payment_id: str, refund: RefundSnapshot) -> dict[str, Any]:
    """As `apply_refund` leaves a refund of a payment that was taken elsewhere."""
    now = desk.now()
    return {
        "id": f"refund-{refund.refund_id}",
        "stripe_account_id": desk.account.stripe_account_id,
        "livemode": desk.account.livemode,
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

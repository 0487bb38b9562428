"""An amount on hold: until when it can be captured, and how much of it."""

from datetime import datetime

from cardpay.domain.errors import CardpayError, HoldExpired, InvalidInput
from cardpay.domain.money import Money
from cardpay.domain.money_format import format_money
from cardpay.domain.payment.status import PaymentStatus
from cardpay.domain.payment_acts.act_facts import ActFacts
from cardpay.domain.typed_amounts import validate_for_charge


def hold_has_expired(capture_before_at: datetime | None, now: datetime) -> bool:
    """Whether the amount on hold can no longer be captured; never if Stripe named no time."""
    return capture_before_at is not None and now >= capture_before_at


def capture_refusal(facts: ActFacts, now: datetime) -> CardpayError | None:
    """Why nothing can be captured of the payment now; None if something can."""
    if facts.status != PaymentStatus.REQUIRES_CAPTURE:
        return facts.wrong_state("captured")
    if facts.is_busy:
        return facts.busy
    return HoldExpired() if hold_has_expired(facts.capture_before_at, now) else None


def amount_to_capture(held: Money, amount_minor: int | None) -> Money:
    """What is captured of the amount on hold: all of it for None. Raises InvalidInput."""
    amount = held if amount_minor is None else Money(amount_minor, held.currency)
    validate_for_charge(amount)
    if amount.amount_minor > held.amount_minor:
        raise InvalidInput("Amount", f"Amount must be {format_money(held)} or less")
    return amount


def released_by_capture(held: Money, amount: Money) -> Money:
    """What goes back to the cardholder when `amount` is captured: a hold is captured once."""
    return Money(held.amount_minor - amount.amount_minor, held.currency)

"""When a payment may be refunded, and how much of it."""

from typing import Final

from cardpay.domain.errors import CardpayError, InvalidInput, NotRefundable
from cardpay.domain.money import Money
from cardpay.domain.money_format import format_money
from cardpay.domain.payment.dispute import DisputeStatus
from cardpay.domain.payment.status import PaymentStatus
from cardpay.domain.payment_acts.act_facts import ActFacts
from cardpay.domain.typed_amounts import validate_for_charge

# Online refunds are there for all card networks but Interac, which wants its card at a terminal
# (docs.stripe.com/terminal/features/refunds); these vouchers are not refunded at all: "Refunds /
# Partial refunds: No / No" (docs.stripe.com/payments/boleto, docs.stripe.com/payments/oxxo).
_NOT_REFUNDED_BY_API: Final = frozenset({"interac_present", "boleto", "oxxo"})
_ENDED: Final[dict[str, str]] = {
    DisputeStatus.LOST: "The dispute was lost, so the cardholder has this money back already.",
    DisputeStatus.WON: "Stripe doesn't refund a payment whose dispute was won.",
}


def refund_refusal(facts: ActFacts) -> CardpayError | None:
    """Why the payment can't be refunded now; None if it can.

    A dispute bars it as long as Stripe says so of its charge (API reference: "The Dispute object",
    `is_charge_refundable`): the bank gives the money back already.
    """
    if facts.status != PaymentStatus.SUCCEEDED:
        return facts.wrong_state("refunded")
    if facts.is_busy:
        return facts.busy
    if facts.left.amount_minor == 0:
        return InvalidInput("Amount", "This payment is already fully refunded")
    if facts.method_type in _NOT_REFUNDED_BY_API:
        return NotRefundable("Stripe can't refund this payment method.")
    if facts.barring_dispute is not None:
        return NotRefundable(
            _ENDED.get(facts.barring_dispute, "A disputed payment can't be refunded.")
        )
    return None


def amount_to_refund(left: Money, amount_minor: int) -> Money:
    """What is refunded of the amount that is left. Raises InvalidInput."""
    amount = Money(amount_minor, left.currency)
    validate_for_charge(amount)
    if amount.amount_minor > left.amount_minor:
        raise InvalidInput("Amount", f"Amount must be {format_money(left)} or less")
    return amount

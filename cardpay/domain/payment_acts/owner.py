"""What else of Stripe's may own a PaymentIntent, which then only its owner can cancel."""

from enum import StrEnum
from typing import Final

from cardpay.domain.errors import CardpayError


class Owner(StrEnum):
    """What a PaymentIntent belongs to that the desk did not make, as Stripe names it."""

    CHECKOUT_SESSION = "checkout_session"
    INVOICE = "invoice"


_WORDS: Final = {
    Owner.CHECKOUT_SESSION: (
        "This payment belongs to a Checkout Session that was made elsewhere.",
        "Expire the session in Stripe to cancel it.",
    ),
    Owner.INVOICE: (
        "This payment belongs to an invoice.",
        "Void the invoice in Stripe to cancel it.",
    ),
}


class OwnedElsewhere(CardpayError):
    """Stripe cancels the payment only by its owner, which is not the desk's."""

    def __init__(self, owner: Owner) -> None:
        super().__init__(*_WORDS[owner])

"""Stripe's published test cards, and what each of them does.

Stripe docs: "Testing", "Declined payments", "3D Secure", "Disputes", "Refunds". Of a typed card
the sandbox stores its name in this table, the brand, the last four digits and the expiry date,
never the number.
"""

from dataclasses import dataclass
from typing import Literal

from cardpay.sandbox.http.api_errors import CardError


@dataclass(frozen=True)
class Decline:
    """How the issuer or Stripe Radar declines a charge."""

    code: str
    decline_code: str
    message: str
    network_decline_code: str | None = None
    advice_code: str | None = None
    blocked: bool = False  # by Radar, so that the charge never reaches the card network


@dataclass(frozen=True)
class TestCard:
    """One published test card."""

    name: str  # the part of `pm_card_…` and `tok_…` after the prefix
    number: str
    brand: str = "visa"
    country: str = "US"
    funding: str = "credit"
    decline: Decline | None = None
    three_d_secure: Literal["optional", "required", "not_supported"] = "optional"
    dispute: str | None = None  # the reason of the dispute that it causes
    refund: Literal["succeeded", "pending", "fails_later"] = "succeeded"
    available_at_once: bool = False  # its money is in the available balance at once

    @property
    def last4(self) -> str:
        """The last four digits."""
        return self.number[-4:]


_DECLINED = "Your card was declined."
_GENERIC = Decline("card_declined", "generic_decline", _DECLINED, "05", "try_again_later")
_FUNDS = Decline(
    "card_declined",
    "insufficient_funds",
    "Your card has insufficient funds.",
    "51",
    "try_again_later",
)
_LOST = Decline("card_declined", "lost_card", _DECLINED, "41", "do_not_try_again")
_STOLEN = Decline("card_declined", "stolen_card", _DECLINED, "43", "do_not_try_again")
_EXPIRED = Decline(
    "expired_card", "expired_card", "Your card has expired.", "54", "do_not_try_again"
)
_CVC = Decline(
    "incorrect_cvc",
    "incorrect_cvc",
    "Your card's security code is incorrect.",
    "N7",
    "confirm_card_data",
)
_PROCESSING = Decline(
    "processing_error",
    "processing_error",
    "An error occurred while processing your card. Try again in a little bit.",
    "96",
    "try_again_later",
)
_VELOCITY = Decline(
    "card_declined",
    "card_velocity_exceeded",
    "Your card was declined for making repeated attempts too frequently or exceeding its amount"
    " limit.",
    "65",
    "try_again_later",
)
_FRAUD = Decline("card_declined", "fraudulent", _DECLINED, blocked=True)

TEST_CARDS = (
    TestCard("visa", "4242424242424242"),
    TestCard("visa_debit", "4000056655665556", funding="debit"),
    TestCard("mastercard", "5555555555554444", "mastercard"),
    TestCard("mastercard_debit", "5200828282828210", "mastercard", funding="debit"),
    TestCard("mastercard_prepaid", "5105105105105100", "mastercard", funding="prepaid"),
    TestCard("amex", "378282246310005", "amex", three_d_secure="not_supported"),
    TestCard("discover", "6011111111111117", "discover"),
    TestCard("diners", "3056930009020004", "diners", three_d_secure="not_supported"),
    TestCard("jcb", "3566002020360505", "jcb", "JP", three_d_secure="not_supported"),
    TestCard("unionpay", "6200000000000005", "unionpay", "CN", three_d_secure="not_supported"),
    TestCard("au", "4000000360000006", country="AU"),
    TestCard("br", "4000000760000002", country="BR"),
    TestCard("ca", "4000001240000000", country="CA"),
    TestCard("de", "4000002760000016", country="DE"),
    TestCard("fr", "4000002500000003", country="FR"),
    TestCard("gb", "4000008260000000", country="GB"),
    TestCard("ie", "4000003720000005", country="IE"),
    TestCard("jp", "4000003920000003", country="JP"),
    TestCard("chargeDeclined", "4000000000000002", decline=_GENERIC),
    TestCard("chargeDeclinedInsufficientFunds", "4000000000009995", decline=_FUNDS),
    TestCard("visa_chargeDeclinedInsufficientFunds", "4000000000009995", decline=_FUNDS),
    TestCard("visa_chargeDeclinedLostCard", "4000000000009987", decline=_LOST),
    TestCard("visa_chargeDeclinedStolenCard", "4000000000009979", decline=_STOLEN),
    TestCard("chargeDeclinedExpiredCard", "4000000000000069", decline=_EXPIRED),
    TestCard("chargeDeclinedIncorrectCvc", "4000000000000127", decline=_CVC),
    TestCard("chargeDeclinedProcessingError", "4000000000000119", decline=_PROCESSING),
    TestCard("visa_chargeDeclinedVelocityLimitExceeded", "4000000000006975", decline=_VELOCITY),
    TestCard("chargeDeclinedFraudulent", "4100000000000019", decline=_FRAUD),
    TestCard("radarBlock", "4100000000000019", decline=_FRAUD),
    TestCard("chargeCustomerFail", "4000000000000341", decline=_GENERIC),
    TestCard("authenticationRequired", "4000002760003184", country="DE",
             three_d_secure="required"),
    TestCard("authenticationRequiredOnSetup", "4000002500003155", country="FR",
             three_d_secure="required"),
    TestCard("threeDSecure2Required", "4000000000003220", three_d_secure="required"),
    TestCard("threeDSecureRequired", "4000000000003063", three_d_secure="required"),
    TestCard("threeDSecureOptional", "4000000000003055"),
    TestCard("threeDSecureRequiredChargeDeclined", "4000008400001629",
             three_d_secure="required", decline=_GENERIC),
    TestCard("createDispute", "4000000000000259", dispute="fraudulent"),
    TestCard("createDisputeProductNotReceived", "4000000000002685",
             dispute="product_not_received"),
    TestCard("bypassPending", "4000000000000077", available_at_once=True),
    TestCard("bypassPendingInternational", "4000003720000278", country="IE",
             available_at_once=True),
    TestCard("pendingRefund", "4000000000007726", refund="pending"),
    TestCard("refundFail", "4000000000005126", refund="fails_later"),
)  # fmt: skip

BY_NAME = {card.name: card for card in TEST_CARDS}
_BY_NUMBER = {card.number: card for card in reversed(TEST_CARDS)}


def by_number(number: str) -> TestCard:
    """The test card with that number. Raises CardError for any other, as Stripe's test mode."""
    digits = "".join(character for character in number if character not in " -")
    if not (digits.isascii() and digits.isdigit()) or not _luhn(digits):
        raise CardError("Your card number is incorrect.", code="incorrect_number", param="number")
    card = _BY_NUMBER.get(digits)
    if card is None:
        raise CardError(
            "Your card was declined. Your request was in test mode, but used a non test (live)"
            " card. For a list of valid test cards, visit: https://stripe.com/docs/testing.",
            code="card_declined",
            decline_code="test_mode_live_card",
            param="number",
        )
    return card


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * 2 for digit in digits[-2::-2]]
    total = sum(value - 9 if value > 9 else value for value in doubled)
    return (total + sum(int(digit) for digit in digits[-1::-2])) % 10 == 0

"""What a payment waits for, in a sentence."""

import stripe

from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.reporting.payments.waiting_words import WAITING, waiting_message, waiting_sentence
from tests.support.desks.stripe_words import parts


def test_every_action_of_the_sdk_has_a_sentence() -> None:
    """Each of its own kind."""
    assert parts(stripe.PaymentIntent.NextAction) == WAITING.keys()
    assert all(sentence.startswith("Waiting for ") for sentence in WAITING.values())


def test_an_action_of_tomorrow_is_named() -> None:
    """As Stripe names it; and where Stripe names none, the sentence stands alone."""
    said = "Waiting for the customer to complete this payment"
    assert waiting_sentence("scan_iris") == f"{said} (scan_iris)."
    assert waiting_sentence(None) == f"{said}."


def test_only_what_no_card_helps_has_a_message() -> None:
    """Every other status speaks for itself."""
    told = {word for word in DisplayStatus if waiting_message(word, "new", None) is not None}
    assert told == {DisplayStatus.AWAITING_CUSTOMER, DisplayStatus.UNKNOWN}

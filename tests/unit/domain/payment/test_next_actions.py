"""What a payment waits for, in a sentence, and whether it is a cardholder's authentication."""

import pytest
import stripe

from cardpay.domain.payment.display_status import DisplayStatus, display_status, status_words
from cardpay.domain.payment.next_actions import WAITING, waiting_sentence
from cardpay.domain.payment.status import PaymentStatus
from tests.support.desks.stripe_words import parts


def shown(next_action: str | None, *, taken_at_desk: bool) -> DisplayStatus:
    """The status of a payment that requires this action."""
    return display_status(
        PaymentStatus.REQUIRES_ACTION,
        has_open_operation=False,
        last_attempt=None,
        cancellation_cause=None,
        waits_for=next_action,
        taken_at_desk=taken_at_desk,
    )


def test_every_action_of_the_sdk_has_a_sentence() -> None:
    """Each of its own kind."""
    assert parts(stripe.PaymentIntent.NextAction) == WAITING.keys()
    assert all(sentence.startswith("Waiting for ") for sentence in WAITING.values())


def test_an_action_of_tomorrow_is_named() -> None:
    """As Stripe names it; and where Stripe names none, the sentence stands alone."""
    said = "Waiting for the customer to complete this payment"
    assert waiting_sentence("scan_iris") == f"{said} (scan_iris)."
    assert waiting_sentence(None) == f"{said}."


@pytest.mark.parametrize("next_action", [None, *WAITING, "scan_iris"])
def test_only_an_authentication_needs_authentication(next_action: str | None) -> None:
    """A redirect is one at the desk, where payments are taken with cards alone."""
    cards = {None, "use_stripe_sdk"}
    needs, awaits = DisplayStatus.NEEDS_AUTHENTICATION, DisplayStatus.AWAITING_CUSTOMER
    assert shown(next_action, taken_at_desk=False) is (needs if next_action in cards else awaits)
    here = cards | {"redirect_to_url"}
    assert shown(next_action, taken_at_desk=True) is (needs if next_action in here else awaits)


def test_a_status_of_tomorrow_is_shown_by_stripes_word() -> None:
    """All others by ours."""
    assert status_words(DisplayStatus.UNKNOWN, "requires_funding") == "requires_funding"
    assert status_words(DisplayStatus.DECLINED, "requires_payment_method") == "Declined"

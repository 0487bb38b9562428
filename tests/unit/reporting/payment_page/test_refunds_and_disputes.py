"""Every status of a dispute has words."""

import stripe

from cardpay.domain.payment.dispute import AWAITS_RESPONSE, DisputeStatus
from cardpay.reporting.payment_page.refunds_and_disputes import DISPUTE_WORDS
from tests.support.desks.stripe_words import listed


def test_every_status_of_the_sdk_has_words() -> None:
    """Appeals among them."""
    statuses = listed(stripe.Dispute, "status")
    assert "appeal_needs_response" in statuses
    assert statuses == frozenset(DisputeStatus) == DISPUTE_WORDS.keys()


def test_the_words_say_where_a_reply_is_due() -> None:
    """So that nobody has to know Stripe's words."""
    due = {status for status, (words, _) in DISPUTE_WORDS.items() if "needs response" in words}
    assert due == AWAITS_RESPONSE

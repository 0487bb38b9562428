"""Every status of a payout has words."""

from cardpay.domain.payment.payout import PayoutStatus
from cardpay.reporting.operations.payout_reports import PAYOUT_WORDS


def test_every_status_has_words() -> None:
    """Stripe's API reference lists five; its SDK leaves them open."""
    assert PAYOUT_WORDS.keys() == set(PayoutStatus)

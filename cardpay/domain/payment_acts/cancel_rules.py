"""When a payment may be cancelled."""

from cardpay.domain.errors import CardpayError
from cardpay.domain.payment_acts.act_facts import ActFacts
from cardpay.domain.payment_link.link_rules import may_be_cancelled


def cancel_refusal(facts: ActFacts) -> CardpayError | None:
    """Why the payment can't be cancelled now; None if it can."""
    if not may_be_cancelled(facts.status, facts.link):
        return facts.wrong_state("cancelled")
    return facts.busy

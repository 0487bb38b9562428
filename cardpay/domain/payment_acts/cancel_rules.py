"""When a payment may be cancelled."""

from cardpay.domain.errors import CardpayError
from cardpay.domain.payment.status import PaymentStatus
from cardpay.domain.payment_acts.act_facts import ActFacts
from cardpay.domain.payment_acts.owner import OwnedElsewhere, Owner
from cardpay.domain.payment_link.link_rules import may_be_cancelled


def cancel_refusal(facts: ActFacts) -> CardpayError | None:
    """Why the payment can't be cancelled now; None if it can.

    A link of the desk's own is closed with it.
    """
    if not may_be_cancelled(facts.status, facts.link):
        return facts.wrong_state("cancelled")
    if facts.owner and not is_free_of(facts.owner, facts.status):
        return OwnedElsewhere(facts.owner)
    return facts.busy


def is_free_of(owner: Owner | None, status: PaymentStatus | str | None) -> bool:
    """Whether Stripe cancels the PaymentIntent itself, and not by what owns it.

    That of a Checkout Session only while an amount is held (Stripe docs: "Cancel a
    PaymentIntent"), and that of an invoice never (API reference: "The Invoice Payment object",
    `is_default`).
    """
    if owner is None:
        return True
    return owner is Owner.CHECKOUT_SESSION and status is PaymentStatus.REQUIRES_CAPTURE

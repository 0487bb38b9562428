"""Asking Stripe how a payment's link stands."""

from cardpay.domain.access.actor import Actor
from cardpay.domain.stripe_facts.snapshots import CheckoutSessionSnapshot
from cardpay.services.desk import Desk
from cardpay.services.stripe_writes.store_outcome import ask_and_apply
from cardpay.storage.payments import checkout_links


def check_link(desk: Desk, actor: Actor, payment_id: str) -> CheckoutSessionSnapshot | None:
    """Ask Stripe how the payment's link stands, and apply it. None if Stripe does not answer.

    None as well if there is no link at Stripe.
    """
    with desk.store.reading() as session:
        link = checkout_links.of_payment(session, payment_id)
    session_id = link.stripe_checkout_session_id if link else None
    if session_id is None:
        return None
    return ask_and_apply(desk, actor, lambda: desk.gateway.retrieve_checkout_session(session_id))

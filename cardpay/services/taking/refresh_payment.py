"""Refreshing a payment: reading it again from Stripe."""

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.services.desk import Desk
from cardpay.services.stripe_writes.store_outcome import retrieve_and_apply
from cardpay.services.taking.payment_links.check_link import check_link
from cardpay.services.taking.payment_view import require_visible, view
from cardpay.services.taking.three_d_secure import PaymentResult, payment_result


def refresh_payment(desk: Desk, actor: Actor, payment_id: str) -> PaymentResult:
    """Retrieve the payment's PaymentIntent and apply it.

    It is used after a challenge, since what the browser says of its outcome is only a hint, and
    when somebody returns to a payment that needs authentication. While Stripe does not answer,
    the payment is returned as it is stored. Errors: NotAllowed, PaymentNotFound, AskedTooOften.
    """
    actor = actor.require_to_look(Permission.TAKE_PAYMENT)
    require_visible(desk, actor, payment_id)
    payment = view(desk, payment_id)
    if payment.link is None and payment.payment_intent_id is None:
        return PaymentResult(payment)
    desk.asks.count(actor, desk.now())
    if payment.link is not None:
        check_link(desk, actor, payment_id)
        return PaymentResult(view(desk, payment_id))
    assert payment.payment_intent_id is not None
    intent = retrieve_and_apply(desk, actor, payment.payment_intent_id)
    return payment_result(desk, payment_id, intent.client_secret if intent else None)

"""The 3-D Secure challenge of the payment on screen: Stripe is asked until it can be offered."""

from contextlib import suppress
from uuid import uuid4

from cardpay.domain.access.actor import Actor
from cardpay.gateway.errors import RequestRefused
from cardpay.services.desk import Desk
from cardpay.services.recovery.recovery import PAUSE
from cardpay.services.taking import checkout
from cardpay.services.taking.checkout import Taken
from components.frame import session


def look_for_challenge(desk: Desk, actor: Actor, payment_id: str) -> None:
    """Ask Stripe for what the browser needs: after a reload, and again after no answer.

    Not while a confirm is on its way, which brings it, and no more often than "Checking with
    Stripe" asks.
    """
    challenge = session.challenge(payment_id)
    now = desk.now()
    asked_at = challenge.asked_at
    is_early = asked_at is not None and now < asked_at + PAUSE
    if challenge.pending is not None or challenge.confirming or is_early:
        return
    challenge.asked_at = now
    with suppress(RequestRefused):  # of the key: the same as no answer until somebody mends it
        challenge.pending = offered(checkout.refresh_payment(desk, actor, payment_id))


def offered(taken: Taken, action_id: str | None = None) -> session.PendingAuthentication | None:
    """The challenge that waits, if one does: new to the form unless its own id is given."""
    waiting = taken.authentication
    if waiting is None:
        return None
    return session.PendingAuthentication(action_id or str(uuid4()), waiting.client_secret)

"""The 3-D Secure challenge of the payment on screen, asked of Stripe until it can be offered."""

from contextlib import suppress
from uuid import uuid4

from cardpay.domain.access.actor import Actor
from cardpay.domain.errors import AskedTooOften
from cardpay.gateway.errors import RequestRefused
from cardpay.services.desk import Desk
from cardpay.services.recovery.recover_payment import LOOKUP_INTERVAL
from cardpay.services.taking.refresh_payment import refresh_payment
from cardpay.services.taking.three_d_secure import PaymentResult
from components.frame import session_state


def find_challenge(desk: Desk, actor: Actor, payment_id: str) -> None:
    """Ask Stripe for the challenge, after a reload, when no answer came, and when one has ended.

    Not while a confirm is running, which brings it, and no more often than every LOOKUP_INTERVAL.
    """
    challenge = session_state.challenge(payment_id)
    now = desk.now()
    asked_at = challenge.asked_at
    is_early = asked_at is not None and now < asked_at + LOOKUP_INTERVAL
    if challenge.pending is not None or challenge.confirming or is_early:
        return
    challenge.asked_at = now
    # A key that lacks a right is like no answer until that is fixed, and so is a full minute.
    with suppress(RequestRefused, AskedTooOften):
        challenge.pending = pending_challenge(refresh_payment(desk, actor, payment_id))


def pending_challenge(
    taken: PaymentResult, action_id: str | None = None
) -> session_state.PendingAuthentication | None:
    """The challenge in Stripe's answer, or None. Without `action_id` it counts as a new one."""
    waiting = taken.authentication
    if waiting is None:
        return None
    return session_state.PendingAuthentication(action_id or str(uuid4()), waiting.client_secret)

"""Redraws a payment when it has changed.

A click during a rerun can leave an old state on screen, and another tab, another person or Stripe
may change the payment at any time. So a fragment regularly reads what is stored, helps an open
operation to its end, and redraws the page if anything changed.
"""

from datetime import datetime, timedelta

import streamlit as st

from cardpay.domain.access.actor import Actor
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.reporting.payment_page.payment_page import awaits_settlement
from cardpay.services.catalogue import products_on_sale
from cardpay.services.desk import Desk
from cardpay.services.recovery import recover_payment
from cardpay.services.taking import payment_view
from cardpay.services.taking.payment_links.link_address import check_watched_link
from components.frame import session_state
from components.take_payment.three_d_secure import find_challenge

# Each refresh costs the server some milliseconds for every open screen: more often only while an
# operation is open and a caller waits for it.
SECONDS_WHILE_CHECKING = 1.0
SECONDS = 2.0


def refresh_while_taking(desk: Desk, actor: Actor) -> None:
    """On Take payment: redraw the page when the payment is no longer as it was drawn.

    The card form must stay outside: only this fragment runs each second.
    """
    st.fragment(_refresh_taken, run_every=SECONDS_WHILE_CHECKING)(desk, actor)


def refresh_while_viewing(
    desk: Desk, payment_id: str, drawn_at: datetime, *, needs_review: bool
) -> None:
    """On Payments: redraw a payment that is being checked with Stripe when it has changed.

    The viewer need not be the person who charges, so nothing is sent again because of them.
    """
    drawn = (drawn_at, needs_review)
    st.fragment(_refresh_viewed, run_every=SECONDS)(desk, payment_id, drawn)


def refresh_while_settling(desk: Desk, payment_id: str) -> None:
    """On a payment's page: redraw it once it is known what it did to the Stripe balance."""
    st.fragment(_refresh_settled, run_every=SECONDS)(desk, payment_id)


def _refresh_settled(desk: Desk, payment_id: str) -> None:
    if not awaits_settlement(desk.store, payment_id):
        st.rerun()


def _refresh_viewed(desk: Desk, payment_id: str, drawn: tuple[datetime, bool]) -> None:
    recover_payment.recover_payment(desk, payment_id, page_is_watched=False)
    change = payment_view.last_change(desk, payment_id)
    needs_review = payment_view.needs_review(desk, payment_id)
    if change is None or (change[0], needs_review) != drawn:
        st.rerun()


def _refresh_taken(desk: Desk, actor: Actor) -> None:
    watched = session_state.watched()
    payment_id = watched.payment_id
    now = desk.now()
    rests = timedelta(0) if watched.checking else timedelta(seconds=SECONDS) * 0.9
    if payment_id is None or (watched.looked_at is not None and now < watched.looked_at + rests):
        return
    watched.looked_at = now
    if watched.has_no_products and products_on_sale(desk):
        st.rerun()
    change = payment_view.last_change(desk, payment_id)
    watched.checking = change is not None and change[1] is DisplayStatus.CHECKING
    if watched.checking:
        recover_payment.recover_payment(desk, payment_id, page_is_watched=True)
        change = payment_view.last_change(desk, payment_id)
    if change is not None and change[1] is DisplayStatus.AWAITING_CUSTOMER:
        check_watched_link(desk, payment_id)
        change = payment_view.last_change(desk, payment_id)
    if change is not None and change[1] is DisplayStatus.NEEDS_AUTHENTICATION:
        find_challenge(desk, actor, payment_id)
        change = payment_view.last_change(desk, payment_id)
    waiting = change is not None and change[1] is DisplayStatus.NEEDS_AUTHENTICATION
    challenge = session_state.challenge(payment_id)
    undrawn = waiting and challenge.pending is not challenge.drawn
    is_drawn = payment_id == watched.payment_id  # else the screen has moved on meanwhile
    if is_drawn and (undrawn or (change[0] if change else None) != watched.drawn_at):
        st.rerun()

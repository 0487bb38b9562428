"""The panel beside the order: what is to be paid, and what can be done with the payment."""

from functools import partial
from html import escape
from typing import Final

import streamlit as st

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.errors import CardpayError
from cardpay.domain.money_format import format_money
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.payment.order import order_words
from cardpay.domain.payment.status import PaymentStatus
from cardpay.reporting.payments.possible_duplicates import EarlierPayment
from cardpay.services.desk import Desk
from cardpay.services.taking.cancel_payment import cancel_payment
from cardpay.services.taking.payment_view import PaymentView
from components.frame import session_state
from components.frame.error_messages import logged_sentence
from components.frame.session_state import uninterrupted
from components.receipts.receipt_actions import receipt_actions
from components.take_payment.on_screen import OnScreen
from components.take_payment.order_fields import OrderOnScreen, stored
from components.take_payment.sending_link import after_link, link_button, take_again
from components.widgets.dialogs import ask_in_place
from components.widgets.messages import small_text
from components.widgets.payment_links import open_payment

# Nothing is left to do here, but on the payment's page there is: a note, a capture, a refund.
_TAKEN: Final = frozenset(
    {DisplayStatus.SUCCEEDED, DisplayStatus.AUTHORISED, DisplayStatus.PROCESSING}
)

_UNPAID: Final = frozenset(
    {DisplayStatus.DECLINED, DisplayStatus.AWAITING_CARD, DisplayStatus.NEEDS_AUTHENTICATION}
)
_WITHOUT_MONEY: Final = frozenset({DisplayStatus.CANCELLED, DisplayStatus.NOT_CHARGED})


def summary(order: OrderOnScreen, reference: str, payment: PaymentView | None) -> None:
    """What is sold and the total, which is never cut."""
    of = order_words(reference.strip(), payment.order_sequence if payment else 1)
    total = format_money(order.total) if order.total else "–"
    kind = "" if order.total else ' class="cardpay-none"'
    quantity = f" × {order.quantity}" if order.quantity > 1 else ""
    line = (
        f"<span>{escape(order.product_name)}{quantity}</span><span>{escape(total)}</span>"
        if order.total
        else ""
    )
    st.html(
        '<div class="cardpay-summary">'
        f"<header><h2>Summary</h2><span>{escape(of)}</span></header>"
        f'<p class="cardpay-line">{line}</p>'
        f'<p class="cardpay-total"><span>Total</span>'
        f"<strong{kind}>{escape(total)}</strong></p></div>"
    )


def change_order(on: OnScreen) -> None:
    """The button that gives an unpaid PaymentIntent up and takes the order to a new draft."""
    payment = on.payment
    may = payment is not None and payment.can_cancel and payment.display not in _TAKEN
    if payment is None or not may or not on.actor.may(Permission.CANCEL_PAYMENT):
        st.empty()
        return
    st.button(
        "Change order" if payment.link is None else "Take a card instead",
        type="tertiary",
        icon=":material/edit:",
        key=f"{payment.payment_id}.change",
        on_click=uninterrupted(_change_order),
        args=(on.desk, on.actor, payment.payment_id),
    )


def actions(on: OnScreen, shown: OrderOnScreen, seen: EarlierPayment | None) -> None:
    """The secondary buttons, each at its place.

    `shown` and `seen`, the order's earlier payment, are what is on screen.
    """
    payment = on.payment
    link_button(on, shown, seen)
    if payment is not None and payment.link is not None:
        after_link(payment)
    elif payment is not None and payment.display in _WITHOUT_MONEY and not on.is_draft:
        take_again(payment, is_main=False)
    else:
        st.empty()
    _next_caller(on)
    if payment is not None and (payment.display in _TAKEN or payment.link is not None):
        open_it = st.button(
            "Open payment", icon=":material/receipt_long:", key=f"{payment.payment_id}.open"
        )
        if open_it:
            open_payment(payment.payment_id)
    else:
        st.empty()
    if payment is not None and payment.display is DisplayStatus.SUCCEEDED:
        receipt_actions(on.desk, on.actor, payment.payment_id, payment.customer_email)
    else:
        st.empty()
    by_card = payment is not None and payment.link is None
    if (
        payment is not None
        and by_card
        and payment.can_cancel
        and on.actor.may(Permission.CANCEL_PAYMENT)
    ):
        payment_id = payment.payment_id
        ask_in_place(
            "Cancel",
            f"{payment_id}.cancel",
            "Cancel this payment? The card won't be charged.",
            "Cancel payment",
            lambda: _give_up(on.desk, on.actor, payment_id),
        )
    else:
        st.empty()


def _next_caller(on: OnScreen) -> None:
    """Draw "New payment" where nobody waits for an outcome; what is still unpaid is given up."""
    payment = on.payment
    gives_up = (
        payment is not None
        and payment.display in _UNPAID
        and bool(payment.attempts)
        and payment.can_cancel
        and on.actor.may(Permission.CANCEL_PAYMENT)
    )
    if payment is None or not (payment.can_be_created_again or gives_up):
        st.empty()
        st.empty()
        return
    st.button(
        "New payment",
        icon=":material/add:",
        key=f"{payment.payment_id}.new",
        on_click=uninterrupted(
            partial(_give_up_for_next, on.desk, on.actor)
            if gives_up
            else session_state.begin_new_draft
        ),
        args=(payment.payment_id,),
    )
    if gives_up:
        small_text("A new payment cancels this one: the card won't be charged.")
    else:
        st.empty()


def _give_up_for_next(desk: Desk, actor: Actor, payment_id: str) -> None:
    """The button's callback. The next caller does not wait for Stripe, which is asked again."""
    given_up = _cancel(desk, actor, payment_id)
    if given_up is None or given_up.status is PaymentStatus.SUCCEEDED:
        return  # why not, or that it was paid meanwhile, is shown
    session_state.begin_new_draft(payment_id)
    draft_id = session_state.current_payment_id()
    if given_up.display not in _WITHOUT_MONEY and draft_id is not None:
        session_state.set_notice(
            draft_id,
            "Stripe hasn't confirmed yet that the payment for order "
            f"{given_up.order_reference} is cancelled. We'll keep trying: see Payments.",
        )


def _cancel(desk: Desk, actor: Actor, payment_id: str) -> PaymentView | None:
    session_state.clear_notice()
    try:
        return cancel_payment(desk, actor, payment_id)
    except CardpayError as error:
        session_state.set_notice(payment_id, logged_sentence(error, payment_id=payment_id))
    return None


def _give_up(desk: Desk, actor: Actor, payment_id: str) -> None:
    _cancel(desk, actor, payment_id)


def _change_order(desk: Desk, actor: Actor, payment_id: str) -> None:
    cancelled = _cancel(desk, actor, payment_id)
    if cancelled is None:
        return
    if cancelled.status is PaymentStatus.SUCCEEDED:
        return  # it was paid meanwhile, and shows so
    if cancelled.display in _WITHOUT_MONEY:
        session_state.carry_over(stored(cancelled), at_card=cancelled.link is not None)
    else:
        session_state.set_notice(
            payment_id,
            "Stripe hasn't confirmed yet that this payment is cancelled. Change the order once "
            "it is.",
        )

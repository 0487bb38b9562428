"""A link for the order on screen, and what can be done once it is there."""

from dataclasses import replace
from functools import partial
from typing import Final

import streamlit as st

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.errors import CardpayError
from cardpay.domain.money_format import format_money
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.payment.status import PaymentStatus
from cardpay.reporting.payments.possible_duplicates import EarlierPayment
from cardpay.services.desk import Desk
from cardpay.services.taking.payment_links.create_link import send_payment_link
from cardpay.services.taking.payment_view import PaymentView, find_visible
from components.frame import session_state
from components.frame.session_state import uninterrupted
from components.payment_link.link_panel import send_button
from components.take_payment.on_screen import OnScreen
from components.take_payment.order_fields import OrderOnScreen, keep, stored, typed_draft
from components.take_payment.pressing import note_other_total, note_problems, note_refusal

SEND: Final = "Send payment link"
_NO_LINK: Final = "No link was made."


def link_button(on: OnScreen, shown: OrderOnScreen, seen: EarlierPayment | None) -> None:
    """Draw "Send payment link" for a draft, or for a payment that waits for a card."""
    payment = on.payment
    if on.desk.link_return_url is None or not on.actor.may(Permission.SEND_LINK):
        st.empty()
    elif payment is None or on.is_draft:
        st.button(
            SEND,
            icon=":material/link:",
            key=f"{on.payment_id}.send-link",
            on_click=uninterrupted(_send),
            args=(on.desk, on.actor, on.payment_id, shown, seen),
        )
    elif payment.can_pay:
        send_button(on.desk, on.actor, on.payment_id, session_state.go_to_payment)
    else:
        st.empty()


def after_link(payment: PaymentView) -> None:
    """Draw what comes after a link: another payment, at once, or the same order once more."""
    paid = payment.status is PaymentStatus.SUCCEEDED
    if paid or payment.display is DisplayStatus.AWAITING_CUSTOMER:  # the next caller can't wait
        st.button(
            "New payment",
            type="primary" if paid else "secondary",
            icon=":material/add:",
            key=f"{payment.payment_id}.new",
            on_click=uninterrupted(session_state.begin_new_draft),
            args=(payment.payment_id,),
        )
    elif payment.open_operation is None and not payment.reserves_order:
        take_again(payment, is_main=True)
    else:
        st.empty()


def take_again(payment: PaymentView, *, is_main: bool) -> None:
    """Draw the button that takes the order of a payment without money to a new draft."""
    st.button(
        "Take this order again",
        type="primary" if is_main else "secondary",
        icon=":material/replay:",
        key=f"{payment.payment_id}.again",
        on_click=uninterrupted(partial(session_state.carry_over, stored(payment), at_card=True)),
    )


def _send(
    desk: Desk,
    actor: Actor,
    draft_id: str,
    shown: OrderOnScreen,
    seen: EarlierPayment | None,
) -> None:
    """The button's callback; it may run twice at once, and the database decides.

    `shown` and `seen` are what was on screen at the press: what was typed last comes with it. A
    draft that was sent before, and made nothing at Stripe, becomes another payment.
    """
    answer = session_state.press_answer(draft_id)
    keep(draft_id)
    draft = typed_draft(draft_id, shown.prices, seen)
    session_state.clear_notice()
    amount = format_money(shown.total) if shown.total else ""
    if note_problems(answer, draft) or note_other_total(answer, draft, amount, SEND, _NO_LINK):
        return
    link_id = session_state.form_id(f"link.{draft_id}", lambda _: False)
    try:
        known = find_visible(desk, actor, draft_id)
        if known is not None and known.can_be_created_again:
            draft = replace(draft, payment_id=link_id)  # it was to be paid at the desk
        made = send_payment_link(desk, actor, draft)
    except CardpayError as error:
        note_refusal(answer, error, draft_id)
        return
    session_state.set_link_address(draft.payment_id, made.url, is_new=True)
    session_state.go_to_payment(draft.payment_id)

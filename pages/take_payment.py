"""Take payment: create a payment for a caller's order, and charge it to a card."""

import streamlit as st

from cardpay.domain.errors import PaymentNotFound
from cardpay.domain.stripe_account import Mode
from cardpay.services.taking import payment_view
from components.frame import session_state
from components.frame.desk_access import authorise, current_desk
from components.frame.page_list import TAKE_PAYMENT
from components.take_payment.auto_refresh import refresh_while_taking
from components.take_payment.card_form_panel import card_form_panel, has_ended
from components.take_payment.demo_cards import test_cards
from components.take_payment.order_form import order_form

actor = authorise(TAKE_PAYMENT)
desk = current_desk()

in_address = session_state.address_payment_id()
payment_id = in_address or session_state.current_payment_id()
payment = None
try:
    # Read before it is remembered: otherwise a page that fails would fail at every visit.
    payment = payment_view.find_visible(desk, actor, payment_id) if payment_id else None
except PaymentNotFound:
    if payment_id != session_state.current_payment_id():
        raise  # from a link
    payment_id = None  # this person could see it before, and no longer can
if in_address is None and payment is not None and has_ended(payment):
    # Back from another page: an open payment is shown again, one that has ended is not.
    payment_id = payment = None
if payment_id is None:
    session_state.begin_new_draft()
    payment_id = session_state.current_payment_id()
assert payment_id is not None
session_state.go_to_payment(payment_id)

st.title("Take payment", anchor=False)
# The columns stay when the payment ends: another layout would remove the card form, and with it
# the outcome that a screen reader is reading out.
no_real_money = desk.account.mode is not Mode.LIVE
main, side = st.columns([7, 3], gap="large") if no_real_money else (st.container(), None)
with main:
    if payment is None or payment.can_be_created_again:
        order_form(desk, actor, payment_id, payment)
    else:
        card_form_panel(desk, actor, payment)
if side is not None:
    with side:
        test_cards()
if payment is None or not has_ended(payment):
    refresh_while_taking(desk, actor, payment_id, payment)

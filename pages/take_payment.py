"""Take payment: a caller's order becomes a payment, and the payment is charged to a card."""

import streamlit as st

from cardpay.domain.access.actor import Permission
from cardpay.domain.account import Mode
from cardpay.domain.errors import PaymentNotFound
from cardpay.services.taking import payment_view
from components.frame import session
from components.frame.desk_access import authorise, current_desk
from components.take_payment.demo_cards import test_cards
from components.take_payment.order_form import order_form
from components.take_payment.payment_panel import has_ended, payment_panel
from components.take_payment.watching import watch

actor = authorise(Permission.TAKE_PAYMENT)
desk = current_desk()

in_address = session.address_payment_id()
payment_id = in_address or session.current_payment_id()
payment = None
try:
    # Looked at before it is remembered: else a page that fails would fail at each visit.
    payment = payment_view.find_for(desk, actor, payment_id) if payment_id else None
except PaymentNotFound:
    if payment_id != session.current_payment_id():
        raise  # a link, which leads nowhere
    payment_id = None  # theirs to see when they came to it, and no more
if in_address is None and payment is not None and has_ended(payment):
    # Back from another page: what was under way goes on; what has ended stays behind.
    payment_id = payment = None
if payment_id is None:
    session.begin_new_draft()
    payment_id = session.current_payment_id()
assert payment_id is not None
session.go_to_payment(payment_id)

st.title("Take payment", anchor=False)
# The columns stay when the payment ends: another layout would take the card form off the page,
# and with it the outcome that a screen reader is reading out.
no_real_money = desk.account.mode is not Mode.LIVE
main, side = st.columns([7, 3], gap="large") if no_real_money else (st.container(), None)
with main:
    if payment is None or payment.may_be_created_again:
        order_form(desk, actor, payment_id, payment)
    else:
        payment_panel(desk, actor, payment)
if side is not None:
    with side:
        test_cards()
if payment is None or not has_ended(payment):
    watch(desk, actor, payment_id, payment)

"""One payment: what became of the money, and what can be done about it."""

import streamlit as st

from components.frame import session_state
from components.frame.desk_access import authorise, current_desk, viewer_time_zone
from components.frame.page_list import PAYMENT, PAYMENTS
from components.payment.payment_screen import show_payment

actor = authorise(PAYMENT)
back = session_state.back_to()
if not actor.may(back.permission):  # as the demo's other roles
    back = PAYMENTS
if st.button(back.title, icon=":material/chevron_left:", type="tertiary"):
    st.switch_page(back.file)
show_payment(current_desk(), actor, session_state.linked_payment(), viewer_time_zone())

"""One payment: what became of the money, and what can be done about it."""

import streamlit as st

from components.frame import session_state
from components.frame.desk_access import authorise, current_desk, viewer_time_zone
from components.frame.page_list import PAYMENT, PAYMENTS
from components.payment.payment_screen import show_payment

actor = authorise(PAYMENT)
if st.button(PAYMENTS.title, icon=":material/chevron_left:", type="tertiary"):
    st.switch_page(PAYMENTS.file)
show_payment(current_desk(), actor, session_state.linked_payment(), viewer_time_zone())

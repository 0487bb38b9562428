"""The button that opens a payment on the Payments page."""

import streamlit as st

from components.frame import session_state
from components.frame.page_list import PAYMENTS


def open_payment_button(payment_id: str, key: str) -> None:
    """Draw the button; `key` tells apart several of one payment."""
    if st.button("Open payment", icon=PAYMENTS.icon, key=f"open.{key}"):
        st.switch_page(PAYMENTS.file, query_params={session_state.PAYMENT_PARAMETER: payment_id})

"""The button that opens a payment on its own page."""

import streamlit as st

from components.frame.page_list import PAYMENT
from components.widgets.payment_links import open_payment


def open_payment_button(payment_id: str, key: str) -> None:
    """Draw the button; `key` tells apart several of one payment."""
    if st.button("Open payment", icon=PAYMENT.icon, key=f"open.{key}"):
        open_payment(payment_id)

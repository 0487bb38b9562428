"""The way to a payment's own page."""

from urllib.parse import quote

import streamlit as st

from components.frame import session_state
from components.frame.page_list import PAYMENT


def payment_link(payment_id: str) -> str:
    """The address of the payment's page, by our id or its PaymentIntent's."""
    return f"/{PAYMENT.name}?{session_state.PAYMENT_PARAMETER}={quote(payment_id)}"


def open_payment(payment_id: str) -> None:
    """Go to the payment's page."""
    st.switch_page(PAYMENT.file, query_params={session_state.PAYMENT_PARAMETER: payment_id})

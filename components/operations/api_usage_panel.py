"""The Stripe API usage panel: how many reads of this month's budget are used."""

import streamlit as st

from cardpay.domain.history.stripe_read_limits import NEARLY_SPENT
from cardpay.services.desk import Desk
from cardpay.services.history import read_budget
from components.widgets.messages import small_text
from components.widgets.panel import panel


def api_usage_panel(desk: Desk) -> None:
    """Draw the reads used this month, and the budget."""
    spent = read_budget.spent(desk)
    allowed = desk.read_budget
    share = min(1.0, spent / allowed) if allowed else 0.0
    status = ("OK", "success")
    if share >= 1:
        status = ("Used up", "error")
    elif share >= NEARLY_SPENT:
        status = ("Nearly used up", "warning")
    with panel("budget", "Stripe API usage", status):
        if allowed:
            st.progress(share, text=f"{spent:,} of {allowed:,} reads used this month")
        else:
            st.text(f"{spent:,} reads used this month, no limit")
        small_text(
            "Stripe limits how often the desk may read. Imports stop when a fifth is left, "
            "reconciliation when all is used. Payments are never affected. Change the limit with "
            "CARDPAY_READ_BUDGET."
        )

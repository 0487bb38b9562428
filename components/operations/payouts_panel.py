"""The Payouts panel: the last payouts to the bank, and whether each adds up."""

from typing import Final

import pandas as pd
import streamlit as st

from cardpay.domain.access.actor import Actor
from cardpay.domain.money_format import format_money
from cardpay.domain.payment.payout import Itemisation
from cardpay.reporting.operations.payout_reports import SHOWN, PayoutReport, last_payouts
from cardpay.services.desk import Desk
from components.widgets.amounts import count
from components.widgets.messages import small_text
from components.widgets.panel import panel
from components.widgets.times import time_column

_ITEMISED: Final = {
    Itemisation.IMPOSSIBLE: "Can't be itemised",
    Itemisation.WAITING: "Not yet",
    Itemisation.ADDS_UP: "Yes",
    Itemisation.DIFFERS: "Yes",
}


def payouts_panel(desk: Desk, actor: Actor, zone: str) -> None:
    """Draw the last payouts."""
    found = last_payouts(desk.store, actor)
    with panel("payouts", "Payouts", _status(found)):
        small_text(
            f"The last {SHOWN} payouts to your bank. What's in an automatic payout has to add up "
            "to its amount. Stripe doesn't say what's in a manual one."
        )
        if not found:
            small_text("No payouts yet.")
            return
        st.dataframe(
            pd.DataFrame(
                {
                    "Created": [one.created_at for one in found],
                    "Arrival": [one.arrival_at for one in found],
                    "Amount": [format_money(one.amount) for one in found],
                    "Status": [_status_words(one) for one in found],
                    "Itemised": [_ITEMISED[one.itemisation] for one in found],
                    "Adds up": [_sum_words(one) for one in found],
                    "Stripe ID": [one.payout_id for one in found],
                }
            ).astype({"Created": "datetime64[us, UTC]", "Arrival": "datetime64[us, UTC]"}),
            hide_index=True,
            alt="Payouts, newest first",
            column_config={
                "Created": time_column(zone),
                # Stripe gives a day, as its midnight in UTC.
                "Arrival": st.column_config.DatetimeColumn(format="D MMM YYYY", timezone="UTC"),
                "Amount": st.column_config.TextColumn(alignment="right"),
            },
        )


def _status(found: tuple[PayoutReport, ...]) -> tuple[str, str]:
    differing = sum(one.itemisation is Itemisation.DIFFERS for one in found)
    if differing:
        return f"{count(differing, 'payout')} not adding up", "error"
    if not found:
        return "None yet", "neutral"
    return "OK", "success"


def _status_words(payout: PayoutReport) -> str:
    return f"{payout.status}: {payout.failure}" if payout.failure else payout.status


def _sum_words(payout: PayoutReport) -> str:
    """Whether the transactions' net is the payout's amount; empty where they are not listed."""
    if payout.itemisation is Itemisation.ADDS_UP:
        return f"✓ {count(payout.transactions, 'transaction')}"
    if payout.itemisation is Itemisation.DIFFERS:
        return f"✕ {count(payout.transactions, 'transaction')}: {format_money(payout.listed)}"
    return ""

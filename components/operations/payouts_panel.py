"""The Payouts panel: the last payouts to the bank, and whether each adds up."""

import pandas as pd
import streamlit as st

from cardpay.domain.access.actor import Actor
from cardpay.domain.money_format import format_money
from cardpay.domain.payment.payout import Itemisation
from cardpay.reporting.operations.payout_reports import SHOWN, PayoutReport, last_payouts
from cardpay.services.desk import Desk
from components.widgets.amounts import count
from components.widgets.messages import message_box, small_text
from components.widgets.panel import panel


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
        for one in found:
            if one.itemisation is Itemisation.DIFFERS:
                message_box("error", _difference(one))
        st.dataframe(
            pd.DataFrame(
                {
                    "Created": [one.created_at for one in found],
                    "Arrival": [one.arrival_at for one in found],
                    "Amount": [format_money(one.amount) for one in found],
                    "Itemised": [_itemised(one) for one in found],
                    "Status": [_status_words(one) for one in found],
                    "Stripe ID": [one.payout_id for one in found],
                }
            ).astype({"Created": "datetime64[us, UTC]", "Arrival": "datetime64[us, UTC]"}),
            hide_index=True,
            alt="Payouts, newest first",
            column_config={
                "Created": st.column_config.DatetimeColumn(format="D MMM YYYY", timezone=zone),
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


def _difference(payout: PayoutReport) -> str:
    return (
        f"The transactions of {payout.payout_id} add up to {format_money(payout.listed)}, not "
        f"{format_money(payout.amount)}. Compare them with Stripe's dashboard, under Payouts."
    )


def _status_words(payout: PayoutReport) -> str:
    return f"{payout.status}: {payout.failure}" if payout.failure else payout.status


def _itemised(payout: PayoutReport) -> str:
    """Whether the transactions are listed, and whether they add up."""
    if payout.itemisation is Itemisation.IMPOSSIBLE:
        return "Can't be itemised"
    if payout.itemisation is Itemisation.WAITING:
        return "Not yet"
    sign = "✓" if payout.itemisation is Itemisation.ADDS_UP else "✕"
    return f"{sign} {count(payout.transactions, 'transaction')}"

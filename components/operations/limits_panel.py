"""The Limits panel: who reached a limit on payments or declines, and until when."""

from typing import Final

import pandas as pd
import streamlit as st

from cardpay.domain.access.actor import Actor
from cardpay.domain.payment.limit_rules import Limit
from cardpay.reporting.operations.reached_limits import ReachedLimit, reached_limits
from cardpay.services.desk import Desk
from components.widgets.amounts import count
from components.widgets.messages import small_text
from components.widgets.panel import panel
from components.widgets.times import in_zone, time_column

_NAMES: Final[dict[Limit, str]] = {
    Limit.PAYMENTS: "{} an hour for everybody",
    Limit.PAYMENTS_OF_PERSON: "{} an hour for one person",
    Limit.DECLINES_OF_PERSON: "{} in a row for one person",
    Limit.DECLINES_OF_CARD: "{} in a row for one card",
}


def limits_panel(desk: Desk, actor: Actor, zone: str) -> None:
    """Draw the limits that were reached in the last 24 hours."""
    now = desk.now()
    found = reached_limits(desk.store, actor, now)
    in_force = sum(one.until_at > now for one in found)
    status = ("None reached", "success")
    if in_force:
        status = (f"{in_force} in force", "warning")
    elif found:
        status = ("None in force", "success")
    elif desk.limits.are_off:
        status = ("Off", "neutral")
    with panel("limits", "Limits", status):
        small_text("Payments pause after too many payments or declines, to stop card testing.")
        if not found:
            small_text("No limits reached in the last 24 hours.")
            return
        st.dataframe(
            pd.DataFrame(
                {
                    "Limit": [_name(one) for one in found],
                    "For": [_for_whom(one) for one in found],
                    "Refused": [count(one.refusals, "time") for one in found],
                    "Last": [one.last_at for one in found],
                    "Ends": [
                        in_zone(one.until_at, zone) if one.until_at > now else "Ended"
                        for one in found
                    ],
                }
            ),
            hide_index=True,
            alt="Limits reached in the last 24 hours, newest first",
            column_config={"Last": time_column(zone)},
        )


def _name(reached: ReachedLimit) -> str:
    noun = "payment" if reached.limit.counts_payments else "decline"
    return _NAMES[reached.limit].format(count(reached.allowed, noun))


def _for_whom(reached: ReachedLimit) -> str:
    if reached.limit is Limit.PAYMENTS:
        return "Everybody"
    if reached.limit is Limit.DECLINES_OF_CARD:
        return f"A card, tried by {reached.who}"
    return reached.who

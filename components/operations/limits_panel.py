"""Limits on screen: to the person who has reached one, and on Operations."""

from typing import Final

import pandas as pd
import streamlit as st

from cardpay.domain.access.actor import Actor
from cardpay.domain.payment.limits import Limit
from cardpay.reporting.operations.reached_limits import ReachedLimit, reached_limits
from cardpay.services.desk import Desk
from cardpay.services.taking import limits
from components.widgets.amounts import count
from components.widgets.panel import aside, panel
from components.widgets.times import in_zone, time_column

_NAMES: Final[dict[Limit, str]] = {
    Limit.PAYMENTS: "{} an hour at this desk",
    Limit.PAYMENTS_OF_PERSON: "{} an hour by one person",
    Limit.DECLINES_OF_PERSON: "{} in a row of one person",
    Limit.DECLINES_OF_CARD: "{} in a row of one card",
}
_OF_PAYMENTS: Final = frozenset({Limit.PAYMENTS, Limit.PAYMENTS_OF_PERSON})


def limit_in_the_way(desk: Desk, actor: Actor) -> str | None:
    """Why this person can take no payment now, to be read before anything is typed."""
    reached = limits.in_the_way(desk, actor)
    return None if reached is None else reached.sentence


def limits_panel(desk: Desk, actor: Actor, zone: str) -> None:
    """Whom the desk has refused for now, and until when."""
    now = desk.now()
    found = reached_limits(desk.store, actor, now)
    in_force = sum(one.until_at > now for one in found)
    state = ("None reached", "success")
    if in_force:
        state = (f"{in_force} in force", "warning")
    elif found:
        state = ("None in force", "success")
    elif desk.limits.are_off:
        state = ("Switched off", "neutral")
    with panel("limits", "Limits", state):
        aside(
            "Beyond a number of payments an hour, or of declines in a row, the desk takes no more "
            "for a while: too many declines may be somebody who tries stolen cards."
        )
        if not found:
            aside("No limit has been reached in the last 24 hours.")
            return
        st.dataframe(
            pd.DataFrame(
                {
                    "Limit": [_name(one) for one in found],
                    "For": [_for_whom(one) for one in found],
                    "Refused": [count(one.refusals, "time") for one in found],
                    "Last": [one.last_at for one in found],
                    "Works again": [
                        in_zone(one.until_at, zone) if one.until_at > now else "Now"
                        for one in found
                    ],
                }
            ),
            hide_index=True,
            alt="Limits that were reached in the last 24 hours, newest first",
            column_config={"Last": time_column(zone)},
        )


def _name(reached: ReachedLimit) -> str:
    noun = "payment" if reached.limit in _OF_PAYMENTS else "decline"
    return _NAMES[reached.limit].format(count(reached.allowed, noun))


def _for_whom(reached: ReachedLimit) -> str:
    if reached.limit is Limit.PAYMENTS:
        return "Everybody"
    if reached.limit is Limit.DECLINES_OF_CARD:
        return f"A card, tried by {reached.who}"
    return reached.who

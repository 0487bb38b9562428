"""Holds that run out soon, above a list: each a link to its payment, where it is captured."""

from html import escape

import streamlit as st

from cardpay.domain.access.actor import Actor
from cardpay.reporting.payments.running_out_holds import RunningOutHold, running_out_holds
from cardpay.services.desk import Desk
from components.widgets.amounts import count
from components.widgets.money_markup import amount_markup, chip_markup
from components.widgets.payment_links import payment_link
from components.widgets.status_chips import Chip
from components.widgets.times import in_zone

_STYLE = """<style>
.running-out { list-style: none; margin: 0 !important; padding: 0 !important; font-size: 15px }
.running-out li { display: flex; flex-wrap: wrap; gap: 4px 12px; padding: 4px 0; margin: 0 }
.running-out .amt { white-space: nowrap; font-weight: 600 }
.running-out .amt i { font-style: normal; font-size: .8em; margin-left: .3em }
.running-out a { color: var(--desk-link) }
</style>"""


def running_out_strip(desk: Desk, actor: Actor, zone: str) -> None:
    """Draw the holds that run out within two days, for whoever may capture them; else nothing."""
    holds = running_out_holds(desk.store, actor, desk.now())
    if not holds:
        return
    with st.container(key="card-running-out", border=True):
        st.subheader(f"{count(len(holds), 'hold')} running out", anchor=False)
        rows = "".join(_row(hold, zone) for hold in holds)
        st.html(f"{_STYLE}<ul class='running-out'>{rows}</ul>")


def _row(hold: RunningOutHold, zone: str) -> str:
    words = f"Capture by {in_zone(hold.capture_before_at, zone)}"
    order = escape(f"Order {hold.order_reference}")
    return (
        f"<li>{chip_markup(Chip(words, 'orange', 'hourglass_top'))}{amount_markup(hold.amount)}"
        f"<a href='{payment_link(hold.payment_id)}' target='_self'>{order}</a>"
        f"<span>{escape(hold.customer)}</span></li>"
    )

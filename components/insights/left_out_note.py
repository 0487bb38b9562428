"""What is not in the numbers where all currencies are shown in one, with the way to open it."""

from html import escape

import streamlit as st

from cardpay.domain.money import Money
from cardpay.domain.money_format import format_money
from cardpay.reporting.insights.insights import Insights, Side
from components.insights.insight_links import left_out_links
from components.widgets.amounts import count


def left_out_note(found: Insights) -> None:
    """Draw it, if there is anything."""
    if not found.reports_all:
        return
    code = found.currency.upper()
    said = [
        f"<a href='{escape(link)}' target='_self'>{escape(count(payments, 'payment'))} of "
        f"{escape(format_money(Money(volume, currency)))} in {escape(currency.upper())}</a>"
        for currency, payments, volume, link in left_out_links(found)
    ]
    others = [
        count(number, noun)
        for number, noun in (
            (sum(one.totals.refunds for one in found.now.left_out), "refund"),
            (sum(one.totals.disputes for one in found.now.left_out), "dispute"),
            (_payments(found.before), "payment of the days before"),
        )
        if number
    ]
    if said or others:
        st.html(
            f"<p class='insight-left-out'>Not included, settled in another currency than {code} "
            f"or not yet: {', '.join([*said, *map(escape, others)])}.</p>"
        )


def _payments(side: Side | None) -> int:
    return sum(one.totals.payments for one in side.left_out) if side else 0

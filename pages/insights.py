"""Insights: how a range of days went, beside the one before."""

from pathlib import Path
from zoneinfo import ZoneInfo

import streamlit as st

from cardpay.domain.business_days import business_day
from cardpay.reporting.insights.chart_data import ChartName, charts
from cardpay.reporting.insights.insights import Insights, InsightsFilter, insights
from components.frame.desk_access import authorise, business_time_zone, current_desk
from components.frame.page_list import INSIGHTS
from components.insights import chart_card as card
from components.insights.insight_fields import currency_field, insight_fields
from components.insights.metric_strip import metric_strip
from components.widgets.amounts import count
from components.widgets.messages import behind_notice, empty_place, small_text

_STYLE = Path(card.__file__).with_name("insight_style.css")
_PAIRS = (
    (ChartName.VOLUME, ChartName.SUCCESS),
    (ChartName.REASONS, ChartName.HOURS),
    (ChartName.PARTS, ChartName.MONEY_BACK),
)

actor = authorise(INSIGHTS)
desk = current_desk()
zone = ZoneInfo(business_time_zone())


def _charts(found: Insights, chosen: InsightsFilter) -> None:
    made = charts(found, chosen.step, chosen.split)
    with st.container(key="insight-charts"):
        for pair in _PAIRS:
            for column, name in zip(st.columns(2), pair, strict=True):
                with column:
                    card.chart_card(found, made[name], chosen)


def _foot(found: Insights) -> None:
    others = [code.upper() for code in found.payments_in if code != found.currency]
    verb = "isn't" if len(others) == 1 else "aren't"
    left_out = f" {' and '.join(others)} {verb} included." if others else ""
    small_text(
        f"{count(found.now.totals.payments, 'payment')} in {found.currency.upper()}.{left_out} "
        "Volume, fees and net count on the day a payment was paid; success of payments on the "
        "day it was made; attempts, refunds and disputes on their own day. "
        f"Days are business days in {zone.key}. Where the mouse becomes a hand, a press opens the "
        "list of what was counted."
    )


st.title("Insights", anchor=False)
st.html(_STYLE)
*places, currency_place = st.columns([15, 14, 14, 15, 11, 20])
now = desk.now()
chosen = insight_fields(places, business_day(now, zone))
if chosen is not None:
    behind_notice(actor)
    found = insights(desk.store, actor, chosen, zone, now)
    if found is None:
        empty_place("insights", "Nothing happened on these days. Choose others.")
    else:
        currency_field(currency_place, found.payments_in, found.currency)
        metric_strip(found)
        _charts(found, chosen)
        _foot(found)

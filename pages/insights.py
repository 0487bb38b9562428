"""Insights: how a range of days went, beside the one before."""

from pathlib import Path
from zoneinfo import ZoneInfo

import streamlit as st

from cardpay import bootstrap
from cardpay.domain.business_days import business_day
from cardpay.domain.errors import InvalidInput
from cardpay.reporting.insights.chart_data import ChartName, charts
from cardpay.reporting.insights.insights import Insights, InsightsFilter, insights
from cardpay.reporting.insights.reporting_currency import reporting_currency
from components.frame.desk_access import authorise, business_time_zone, current_desk
from components.frame.page_list import INSIGHTS
from components.insights import chart_card as card
from components.insights.insight_fields import currency_field, insight_fields
from components.insights.left_out_note import left_out_note
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
    code = found.currency.upper()
    if found.reports_all:
        of_what = (
            f"{count(found.now.totals.payments, 'payment')} in all currencies, as they settled in "
            f"{code}: by the amounts and rates of Stripe's own balance. Success of payments and "
            "attempts counts those that did not settle, too."
        )
    else:
        others = [one.upper() for one in found.payments_in if one != found.currency]
        verb = "isn't" if len(others) == 1 else "aren't"
        left_out = f" {' and '.join(others)} {verb} included." if others else ""
        of_what = f"{count(found.now.totals.payments, 'payment')} in {code}.{left_out}"
    small_text(
        f"{of_what} "
        "Volume, fees and net count on the day a payment was paid; success of payments on the "
        "day it was made; attempts, refunds and disputes on their own day. "
        f"Days are business days in {zone.key}. Where the mouse becomes a hand, a press opens the "
        "list of what was counted."
    )


st.title("Insights", anchor=False)
st.html(_STYLE)
*places, currency_place = st.columns([15, 14, 14, 15, 11, 20])
now = desk.now()
reporting = reporting_currency(
    desk.store, actor, bootstrap.application().settings.reporting_currency
)
chosen = insight_fields(places, business_day(now, zone), reporting)
if chosen is not None:
    behind_notice(actor)
    try:
        found = insights(desk.store, actor, chosen, zone, now)
    except InvalidInput as wrong:
        st.error(wrong.sentence)
        st.stop()
    if found is None:
        empty_place("insights", "Nothing happened on these days. Choose others.")
    else:
        currency_field(currency_place, found, reporting)
        metric_strip(found)
        left_out_note(found)
        _charts(found, chosen)
        _foot(found)

"""The addresses of Insights: of a chart's file, and of the payments behind a mark."""

from collections.abc import Mapping
from datetime import date
from typing import Final
from urllib.parse import urlencode

from cardpay.domain.business_days import Days
from cardpay.domain.totals import Split
from cardpay.reporting.insights.chart_data import ChartName, ChartRow
from cardpay.reporting.insights.insights import InsightsFilter
from cardpay.reporting.insights.steps import Comparison, Step
from cardpay.reporting.payments.method_words import brand_name
from components.frame.page_list import PAYMENTS

CHART_FILES: Final = "/insights/files"

# The list's filters are in its address as they are shown.
_OF_LIST: Final = {
    Split.PRODUCT: ("product", str),
    Split.TAKEN_BY: ("taken_by", str),
    Split.BRAND: ("brand", brand_name),
}


def link_behind(chart: ChartName, row: ChartRow, currency: str, split: Split) -> str | None:
    """The address of the payments that a row was counted of; None if no list has just these."""
    if row.days is None or chart not in {ChartName.VOLUME, ChartName.SUCCESS, ChartName.PARTS}:
        return None
    found = {**_days(row.days), "currency": currency.upper()}
    if chart is not ChartName.SUCCESS:
        found["by"] = "Paid"
    if chart is ChartName.PARTS:
        if split not in _OF_LIST or row.value is None:
            return None
        parameter, shown = _OF_LIST[split]
        found[parameter] = shown(row.value)
    return f"/{PAYMENTS.name}?{urlencode(found)}"


def file_link(chart: ChartName, chosen: InsightsFilter, days: Days, currency: str) -> str:
    """The address of a chart's data."""
    parameters = {
        **_days(days),
        "compare": chosen.comparison.value,
        "step": chosen.step.value,
        "currency": currency,
        "split": chosen.split.value,
    }
    return f"{CHART_FILES}/{chart}.csv?{urlencode(parameters)}"


def filter_of(parameters: Mapping[str, str]) -> InsightsFilter:
    """What such an address asks for. Raises ValueError, InvalidInput."""
    return InsightsFilter(
        Days(date.fromisoformat(parameters["from"]), date.fromisoformat(parameters["to"])),
        Comparison(parameters["compare"]),
        Step(parameters["step"]),
        parameters["currency"],
        Split(parameters["split"]),
    )


def _days(days: Days) -> dict[str, str]:
    assert days.first
    assert days.last
    return {"from": days.first.isoformat(), "to": days.last.isoformat()}

"""The addresses of Insights: of a chart's file, and of the payments behind a mark."""

from collections.abc import Mapping
from datetime import date
from typing import Final
from urllib.parse import urlencode

from cardpay.domain.business_days import Days
from cardpay.domain.payment.attempt import ATTEMPT_LABELS, FAILED_ATTEMPTS
from cardpay.domain.payment.refund import FINAL_REFUND_STATUSES, RefundStatus
from cardpay.domain.payment.totals import Split
from cardpay.reporting.insights.chart_data import ChartName, ChartRow
from cardpay.reporting.insights.insights import Insights, InsightsFilter
from cardpay.reporting.insights.steps import Comparison, Step
from cardpay.reporting.payment_page.refunds_and_disputes import refund_words
from cardpay.reporting.payments.payment_filter import DayOf
from components.frame.page_list import ATTEMPTS, PAYMENTS, REFUNDS, DeskPage

CHART_FILES: Final = "/insights/files"

# The list's parameters take the values as they are stored.
_OF_LIST: Final = {
    Split.PRODUCT: "product",
    Split.TAKEN_BY: "taken_by",
    Split.BRAND: "brand",
}


def link_behind(found: Insights, chart: ChartName, row: ChartRow, split: Split) -> str | None:
    """The address of what a row was counted of; None if no list can show just that."""
    if row.days is None:
        return None
    days = _days(row.days)
    in_currency = {**days, "currency": found.currency}
    # As these two lists have it: what their fields show.
    in_their_currency = {**days, "currency": found.currency.upper()}
    match chart:
        case ChartName.VOLUME:
            return _address(PAYMENTS, {**in_currency, "by": DayOf.PAID})
        case ChartName.SUCCESS:
            return _address(PAYMENTS, in_currency)
        case ChartName.PARTS if split in _OF_LIST and row.value is not None:
            of_list = {"by": DayOf.PAID, _OF_LIST[split]: row.value}
            return _address(PAYMENTS, {**in_currency, **of_list})
        case ChartName.REASONS if row.value:
            failed = [ATTEMPT_LABELS[outcome] for outcome in sorted(FAILED_ATTEMPTS)]
            return _address(
                ATTEMPTS,
                {
                    **in_their_currency,
                    "status": failed,
                    "decline_code": row.value.split(","),
                },
            )
        case ChartName.MONEY_BACK:
            standing = [
                refund_words(one)[0] for one in RefundStatus if one not in FINAL_REFUND_STATUSES
            ]
            return _address(REFUNDS, {**in_their_currency, "status": standing})
    return None


def _address(page: DeskPage, parameters: Mapping[str, str | list[str]]) -> str:
    return f"/{page.name}?{urlencode(parameters, doseq=True)}"


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
    first, last = days.closed()
    return {"from": first.isoformat(), "to": last.isoformat()}

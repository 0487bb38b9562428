"""The addresses of Insights: of a chart's file, and of the payments behind a mark."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Final
from urllib.parse import urlencode

from cardpay.domain.business_days import Days
from cardpay.domain.money import CURRENCIES
from cardpay.domain.payment.attempt import ATTEMPT_LABELS, FAILED_ATTEMPTS
from cardpay.domain.payment.refund import FINAL_REFUND_STATUSES, RefundStatus
from cardpay.domain.payment.totals import Split
from cardpay.reporting.insights.chart_data import ChartName, ChartRow
from cardpay.reporting.insights.insights import Insights, InsightsFilter, LeftOut
from cardpay.reporting.insights.steps import Comparison, Step
from cardpay.reporting.payment_page.refunds_and_disputes import refund_words
from cardpay.reporting.payments.payment_filter import NOT_SETTLED, DayOf
from components.frame.page_list import ATTEMPTS, PAYMENTS, REFUNDS, DeskPage

CHART_FILES: Final = "/insights/files"

# The list's parameters take the values as they are stored.
_OF_LIST: Final = {
    Split.PRODUCT: "product",
    Split.TAKEN_BY: "taken_by",
    Split.BRAND: "brand",
    Split.COUNTRY: "country",
    Split.METHOD: "method",
}


def link_behind(found: Insights, chart: ChartName, row: ChartRow, split: Split) -> str | None:
    """The address of what a row was counted of; None if no list can show just that."""
    if row.days is None:
        return None
    days = _days(row.days)
    in_currency = days if found.reports_all else {**days, "currency": found.currency}
    # As these two lists have it: what their fields show.
    in_their_currency = days if found.reports_all else {**days, "currency": found.currency.upper()}
    paid: dict[str, str] = {**in_currency, "by": DayOf.PAID}
    if found.reports_all:
        paid["settled"] = found.currency
    match chart:
        case ChartName.VOLUME:
            return _address(PAYMENTS, paid)
        case ChartName.HOURS if row.value:
            return _address(PAYMENTS, {**paid, "hour": row.value})
        case ChartName.SUCCESS:
            return _address(PAYMENTS, in_currency)
        case ChartName.PARTS if split in _OF_LIST and row.value is not None:
            return _address(PAYMENTS, {**paid, _OF_LIST[split]: row.value})
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
        case ChartName.MONEY_BACK if not _refunds_left_out(found, row.days):
            standing = [
                refund_words(one)[0] for one in RefundStatus if one not in FINAL_REFUND_STATUSES
            ]
            return _address(REFUNDS, {**in_their_currency, "status": standing})
    return None


def links_of_cells(found: Insights, chart: ChartName, row: ChartRow) -> list[str | None]:
    """The same for each cell of a row whose cells are marks of their own; none where none was."""
    return [
        link_behind(found, chart, replace(row, value=value), Split.HOUR) if cell.number else None
        for value, cell in zip(row.cell_values, row.cells, strict=False)
    ]


def _refunds_left_out(found: Insights, days: Days) -> bool:
    """The list of refunds cannot leave them out."""
    first, last = days.closed()
    return any(one.totals.refunds and first <= one.day <= last for one in found.now.left_out)


def left_out_links(found: Insights) -> list[tuple[str, int, int, str]]:
    """What is not added, a line for each currency: its code, payments, volume, and the address."""
    days: defaultdict[str, list[LeftOut]] = defaultdict(list)
    for one in found.now.left_out:
        if one.totals.payments:
            days[one.currency].append(one)
    return [
        (
            currency,
            sum(one.totals.payments for one in those),
            sum(one.totals.volume_minor for one in those),
            _address(
                PAYMENTS,
                {
                    **_days(Days(min(one.day for one in those), max(one.day for one in those))),
                    "by": DayOf.PAID,
                    "currency": currency,
                    "settled": f"{NOT_SETTLED}{found.currency}",
                },
            ),
        )
        for currency, those in sorted(days.items())
    ]


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
        "reporting": chosen.reporting,
    }
    return f"{CHART_FILES}/{chart}.csv?{urlencode(parameters)}"


def filter_of(parameters: Mapping[str, str]) -> InsightsFilter:
    """What such an address asks for. Raises ValueError, InvalidInput."""
    reporting = parameters.get("reporting", "")
    if reporting not in {"", *CURRENCIES}:
        raise ValueError(reporting)
    return InsightsFilter(
        Days(date.fromisoformat(parameters["from"]), date.fromisoformat(parameters["to"])),
        Comparison(parameters["compare"]),
        Step(parameters["step"]),
        parameters["currency"],
        Split(parameters["split"]),
        reporting,
    )


def _days(days: Days) -> dict[str, str]:
    first, last = days.closed()
    return {"from": first.isoformat(), "to": last.isoformat()}

"""Where the rows of Insights' charts lead, and what the address of a file says."""

from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from cardpay.domain.business_days import Days
from cardpay.domain.payment.totals import Split, Totals
from cardpay.reporting.insights.chart_data import ChartName, ChartRow
from cardpay.reporting.insights.insights import Insights, InsightsFilter, Side
from cardpay.reporting.insights.steps import Comparison, Step
from components.insights.insight_links import file_link, filter_of, link_behind

DAYS = Days(date(2026, 11, 1), date(2026, 11, 29))


def link(
    chart: ChartName,
    *currencies: str,
    value: str | None = None,
    split: Split = Split.PRODUCT,
) -> tuple[str, dict[str, list[str]]] | None:
    """Path and parameters, without the days, which all have."""
    found = Insights(
        currencies[0],
        dict.fromkeys(currencies, 1),
        Side(DAYS, Totals(), (), (), ()),
        None,
        (),
        (),
        {},
    )
    address = link_behind(found, chart, ChartRow("", (), DAYS, value), split)
    if address is None:
        return None
    parts = urlsplit(address)
    parameters = parse_qs(parts.query)
    assert parameters.pop("from") == ["2026-11-01"]
    assert parameters.pop("to") == ["2026-11-29"]
    return parts.path, parameters


def test_what_was_paid_opens_what_was_paid() -> None:
    """In that currency; of a product, colleague or brand alone."""
    paid = {"currency": ["gbp"], "by": ["paid"]}
    assert link(ChartName.VOLUME, "gbp") == ("/payments", paid)
    assert link(ChartName.SUCCESS, "gbp") == ("/payments", {"currency": ["gbp"]})
    product = {**paid, "product": ["A & B"]}
    assert link(ChartName.PARTS, "gbp", "eur", value="A & B") == ("/payments", product)
    brand = {**paid, "brand": ["amex"]}
    assert link(ChartName.PARTS, "gbp", value="amex", split=Split.BRAND) == ("/payments", brand)


@pytest.mark.parametrize("split", [Split.COUNTRY, Split.METHOD])
def test_what_no_list_can_show_opens_nothing(split: Split) -> None:
    """Neither by what the list has no filter for, nor for what is unknown."""
    assert link(ChartName.PARTS, "gbp", value="GB", split=split) is None
    assert link(ChartName.PARTS, "gbp") is None
    assert link(ChartName.REASONS, "gbp") is None
    assert link(ChartName.HOURS, "gbp") is None


def test_declines_and_refunds_open_theirs() -> None:
    """Those of the currency that is shown, of however many."""
    assert link(ChartName.REASONS, "gbp", "eur", value="expired_card") == (
        "/attempts",
        {
            "currency": ["GBP"],
            "status": ["Authentication failed", "Declined"],
            "decline_code": ["expired_card"],
        },
    )
    several = link(ChartName.REASONS, "gbp", value="do_not_honor,generic_decline")
    assert several is not None
    assert several[1]["decline_code"] == ["do_not_honor", "generic_decline"]
    opened = link(ChartName.MONEY_BACK, "eur", "gbp")
    assert opened is not None
    assert opened[0] == "/refunds"
    assert opened[1]["currency"] == ["EUR"]
    assert "Failed" not in opened[1]["status"]


def test_a_file_is_of_what_is_shown() -> None:
    """Its address says all of it."""
    chosen = InsightsFilter(DAYS, Comparison.YEAR_BEFORE, Step.WEEK, "gbp", Split.COUNTRY)
    address = urlsplit(file_link(ChartName.PARTS, chosen, DAYS, "gbp"))
    assert address.path == "/insights/files/parts.csv"
    assert (
        filter_of({name: values[0] for name, values in parse_qs(address.query).items()}) == chosen
    )

"""Where the rows of Insights' charts lead, and what the address of a file says."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest

from cardpay.domain.business_days import Days
from cardpay.domain.payment.totals import Split, Totals
from cardpay.reporting.insights.chart_data import Cell, ChartName, ChartRow
from cardpay.reporting.insights.insights import Insights, InsightsFilter, LeftOut, Side
from cardpay.reporting.insights.steps import Comparison, Step
from components.insights.insight_links import (
    file_link,
    filter_of,
    left_out_links,
    link_behind,
    links_of_cells,
)

DAYS = Days(date(2026, 11, 1), date(2026, 11, 29))


def found_in(*currencies: str) -> Insights:
    """Of the first of these currencies."""
    return Insights(
        currencies[0],
        dict.fromkeys(currencies, 1),
        Side(DAYS, Totals(), (), (), ()),
        None,
        (),
        (),
        {},
    )


def link(
    chart: ChartName,
    *currencies: str,
    value: str | None = None,
    split: Split = Split.PRODUCT,
) -> tuple[str, dict[str, list[str]]] | None:
    """Path and parameters, without the days, which all have."""
    address = link_behind(found_in(*currencies), chart, ChartRow("", (), DAYS, value), split)
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


@pytest.mark.parametrize(("split", "value"), [(Split.COUNTRY, "GB"), (Split.METHOD, "sepa_debit")])
def test_a_country_and_a_method_open_theirs(split: Split, value: str) -> None:
    """By the filter of the same name."""
    opened = {"currency": ["gbp"], "by": ["paid"], split.value: [value]}
    assert link(ChartName.PARTS, "gbp", value=value, split=split) == ("/payments", opened)


def test_each_hour_opens_its_own() -> None:
    """But for those in which nothing was paid."""
    cells = (Cell("2", Decimal(2)), Cell("0", Decimal(0)))
    row = ChartRow("Mon", cells, DAYS, cell_values=("1-09", "1-10"))
    ninth, tenth = links_of_cells(found_in("gbp"), ChartName.HOURS, row)
    assert ninth is not None
    assert parse_qs(urlsplit(ninth).query)["hour"] == ["1-09"]
    assert tenth is None


def test_all_in_one_currency_opens_what_settled_in_it() -> None:
    """In whatever currency it was paid; refunds only where none is left out."""
    totals = Totals(payments=2, volume_minor=300, refunds=1)
    left_out = (
        LeftOut(date(2026, 11, 7), "eur", totals),
        LeftOut(date(2026, 11, 3), "eur", Totals(payments=1, volume_minor=5)),
        LeftOut(date(2026, 11, 2), "usd", Totals(disputes=1)),
    )
    found = replace(
        found_in("gbp", "eur"),
        now=Side(DAYS, Totals(), (), (), (), left_out),
        reports_all=True,
    )
    row = ChartRow("", (), DAYS)
    address = link_behind(found, ChartName.VOLUME, row, Split.PRODUCT) or ""
    days = "from=2026-11-01&to=2026-11-29"
    assert address == f"/payments?{days}&by=paid&settled=gbp"
    assert link_behind(found, ChartName.SUCCESS, row, Split.PRODUCT) == f"/payments?{days}"
    assert link_behind(found, ChartName.MONEY_BACK, row, Split.PRODUCT) is None
    first = replace(row, days=Days(date(2026, 11, 1), date(2026, 11, 3)))
    assert link_behind(found, ChartName.MONEY_BACK, first, Split.PRODUCT) is not None
    those = "from=2026-11-03&to=2026-11-07&by=paid&currency=eur&settled=not-gbp"
    assert left_out_links(found) == [("eur", 3, 305, f"/payments?{those}")]


def test_what_no_list_can_show_opens_nothing() -> None:
    """What is unknown, or several."""
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
    chosen = InsightsFilter(DAYS, Comparison.YEAR_BEFORE, Step.WEEK, "gbp", Split.COUNTRY, "eur")
    address = urlsplit(file_link(ChartName.PARTS, chosen, DAYS, "gbp"))
    assert address.path == "/insights/files/parts.csv"
    assert (
        filter_of({name: values[0] for name, values in parse_qs(address.query).items()}) == chosen
    )


@pytest.mark.parametrize("reporting", ["=cmd|'/c calc'!a1", "GBP", "xxx"])
def test_a_link_names_no_currency_that_there_is_not(reporting: str) -> None:
    """It would stand in each row of the file."""
    sent = {"from": "2026-11-01", "to": "2026-11-30", "compare": "Nothing", "step": "Day"}
    sent |= {"currency": "gbp", "split": "product"}
    assert filter_of({**sent, "reporting": "gbp"}).reporting == "gbp"
    with pytest.raises(ValueError, match=re.escape(reporting)):
        filter_of({**sent, "reporting": reporting})

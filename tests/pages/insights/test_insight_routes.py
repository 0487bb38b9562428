"""The routes that hand out charts' data: to whom, to whom not, and what is in a file."""

from dataclasses import replace
from datetime import date
from html import unescape
from typing import NoReturn

import pytest

from cardpay import bootstrap, settings
from cardpay.domain.business_days import Days
from cardpay.reporting.insights.chart_data import ChartName
from cardpay.reporting.insights.insights import InsightsFilter
from cardpay.storage.database.replica import FiguresLost
from components.insights.insight_links import file_link
from components.web.insight_routes import insight_routes
from tests.support.screens.route_browser import SIGNING_IN, RouteBrowser
from tests.support.screens.signed_in_pages import SignedInPages

DAYS = Days(date(2024, 2, 28), date(2024, 2, 29))


@pytest.fixture
def browser(signed_in_pages: SignedInPages, monkeypatch: pytest.MonkeyPatch) -> RouteBrowser:
    """A browser without cookies, on a desk where something was paid and people sign in."""
    chosen = settings.load(_env_file=None, **SIGNING_IN)
    application = replace(bootstrap.application(), settings=chosen)
    monkeypatch.setattr(bootstrap, "_application", application)
    world = signed_in_pages.world
    world.pay(world.created(order_reference="SO-2"))
    return RouteBrowser(insight_routes(bootstrap.application))


def link(chart: ChartName = ChartName.VOLUME) -> str:
    """The address that the page has for the two days."""
    return file_link(chart, InsightsFilter(DAYS), DAYS, "gbp")


def test_an_analyst_gets_every_chart(
    browser: RouteBrowser, signed_in_pages: SignedInPages
) -> None:
    """Kept by nobody on the way; a line for each mark, with its days and its currency."""
    browser.sign_in(signed_in_pages.claims("analyst"))
    for chart in ChartName:
        answer = browser.get(link(chart))
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        named = f'attachment; filename="{chart}-2024-02-28-2024-02-29.csv"'
        assert answer.headers["content-disposition"] == named
    lines = browser.get(link()).content.decode("utf-8-sig").split("\r\n")
    assert lines[0] == "Day,From,To,Volume,Payments,Volume before,Currency"
    # The books begin on the second of the two days.
    assert lines[1:] == ["29 Feb 2024,2024-02-29,2024-02-29,120.00,1,0.00,GBP", ""]


def test_a_replica_that_breaks_off_is_said(
    browser: RouteBrowser, signed_in_pages: SignedInPages, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next one who asks reads the database."""
    browser.sign_in(signed_in_pages.claims("analyst"))

    def breaks_off(_actor_id: str) -> NoReturn:
        raise FiguresLost

    monkeypatch.setattr(signed_in_pages.world.desk.store, "reporting", breaks_off)
    answer = browser.get(link())
    assert answer.status_code == 503
    assert "These figures couldn't be read. Try again." in unescape(answer.text)


def test_nobody_else_gets_one(browser: RouteBrowser, signed_in_pages: SignedInPages) -> None:
    """401 for who is not signed in, 403 for who may not see the books."""
    assert browser.get(link()).status_code == 401
    browser.sign_in(signed_in_pages.claims("agent"))
    refused = browser.get(link())
    assert refused.status_code == 403
    assert "permission to see the books" in refused.text


@pytest.mark.parametrize(
    "path",
    [
        "/insights/files/other.csv",
        "/insights/files/volume.csv",
        "/insights/files/volume.csv?from=today&to=2024-02-29",
        link().replace("2024-02-28", "2024-03-28"),
        link().replace("step=Day", "step=Century"),
    ],
)
def test_an_address_that_nobody_drew_is_not_found(
    browser: RouteBrowser, signed_in_pages: SignedInPages, path: str
) -> None:
    """Whatever is in it."""
    browser.sign_in(signed_in_pages.claims("analyst"))
    assert browser.get(path).status_code == 404

"""The route that hands out the month-end file: to whom, to whom not, and what it leaves."""

import io
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlmodel import select

from cardpay import bootstrap, settings
from cardpay.storage.schema.tables import AuditEntry
from components.balance.balance_links import MONTH_END_FILE, month_end_link
from components.web.balance_routes import balance_routes
from tests.support.desks.paid_out import paid_out
from tests.support.screens.route_browser import SIGNING_IN, RouteBrowser
from tests.support.screens.signed_in_pages import SignedInPages

LINK = month_end_link(date(2024, 3, 1), date(2024, 3, 31))


@pytest.fixture
def browser(signed_in_pages: SignedInPages, monkeypatch: pytest.MonkeyPatch) -> RouteBrowser:
    """A browser without cookies, on a desk with a payout where people sign in."""
    chosen = settings.load(_env_file=None, **SIGNING_IN)
    application = replace(bootstrap.application(), settings=chosen)
    monkeypatch.setattr(bootstrap, "_application", application)
    paid_out(signed_in_pages.world)
    return RouteBrowser(balance_routes(bootstrap.application))


def test_an_analyst_gets_the_file(
    browser: RouteBrowser,
    signed_in_pages: SignedInPages,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Kept by nobody on the way or on the disk, and written down."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    browser.sign_in(signed_in_pages.claims("analyst"))
    answer = browser.get(LINK)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    named = 'attachment; filename="balance-2024-03-01-2024-03-31.xlsx"'
    assert answer.headers["content-disposition"] == named
    book = load_workbook(io.BytesIO(answer.content))
    assert [sheet.max_row > 1 for sheet in book] == [True, True, True]
    assert list(tmp_path.glob("cardpay-month-end-*")) == []
    with signed_in_pages.world.desk.store.reading() as session:
        acts = session.exec(select(AuditEntry.act)).all()
    assert list(acts).count("balance.month_end") == 1


def test_nobody_else_gets_one(browser: RouteBrowser, signed_in_pages: SignedInPages) -> None:
    """401 for who is not signed in, 403 for who may not see the books."""
    assert browser.get(LINK).status_code == 401
    browser.sign_in(signed_in_pages.claims("agent"))
    refused = browser.get(LINK)
    assert refused.status_code == 403
    assert refused.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "query", ["", "?from=2024-03-01", "?from=x&to=y", "?from=2024-03-02&to=2024-03-01"]
)
def test_an_address_that_names_no_days_is_not_found(
    browser: RouteBrowser, signed_in_pages: SignedInPages, query: str
) -> None:
    """Without an error of ours."""
    browser.sign_in(signed_in_pages.claims("analyst"))
    assert browser.get(MONTH_END_FILE + query).status_code == 404

"""The frame of every page: the tab's title, the company, the mode and the person."""

import re
from io import BytesIO

import pytest
import streamlit as st
from PIL import Image

from cardpay.domain.business_days import Period
from cardpay.domain.company import DEMO_COMPANY
from components.frame import navigation
from components.frame.company import css_text, holds_name
from components.frame.page_list import (
    ATTEMPTS,
    CUSTOMERS,
    DISPUTES,
    INSIGHTS,
    LINKED,
    NEEDS_REVIEW,
    PAGES,
    PAYMENT,
    PAYMENTS,
    REFUNDS,
    SECTIONS,
    SETTINGS,
    TAKE_PAYMENT,
    DeskPage,
)
from tests.support.screens.signed_in_pages import SignedInPages


def test_each_page_has_its_own_tab_title(
    signed_in_pages: SignedInPages, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page's, then the company's."""
    titles: list[str] = []
    monkeypatch.setattr(
        "streamlit.set_page_config",
        lambda page_title=None, **_: titles.append(page_title) if page_title else None,
    )
    screen = signed_in_pages.shell(signed_in_pages.claims("agent", "admin")).run()
    for page in PAGES:
        titles.clear()
        screen.query_params.clear()  # as the browser does on the way to another page
        screen.switch_page(str(page.file)).run()
        assert titles == [f"{page.title} · {DEMO_COMPANY.name}"]


def test_a_payment_leads_back_to_where_one_came_from(signed_in_pages: SignedInPages) -> None:
    """By the button above it; to the list of payments where that is not known."""
    screen = signed_in_pages.shell(signed_in_pages.claims("agent", "supervisor"), PAYMENT).run()

    def way_back() -> str:
        assert not screen.exception
        return screen.button[0].label

    assert way_back() == "Payments"
    for page in (NEEDS_REVIEW, TAKE_PAYMENT):
        for one in (page, PAYMENT):
            screen.query_params.clear()
            screen.switch_page(str(one.file)).run()
        assert way_back() == page.title
        assert not screen.run().exception
        assert way_back() == page.title


def test_the_badge_counts_anew_after_each_act(
    signed_in_pages: SignedInPages, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was dealt with is gone at once; what nobody has changed is counted seldom."""
    counted: list[bool] = []

    def count(*_: object) -> int:
        counted.append(True)
        return 1

    monkeypatch.setattr(navigation, "count_to_review", count)
    screen = signed_in_pages.shell(signed_in_pages.claims("supervisor"), PAYMENTS).run()
    screen.run()
    before = len(counted)
    screen.run()
    assert len(counted) == before
    signed_in_pages.world.created(order_reference="SO-2")
    screen.run()
    assert len(counted) == before + 1


def test_an_old_search_does_not_wait_for_whoever_comes_anew(
    signed_in_pages: SignedInPages,
) -> None:
    """Nor for the next caller; from a payment that it found one comes back to it."""
    screen = signed_in_pages.shell(signed_in_pages.claims("agent", "admin"), PAYMENTS).run()

    def searched(through: DeskPage) -> str:
        screen.text_input(key="payments.search").set_value("SO-1").run()
        for page in (through, PAYMENTS):
            screen.query_params.clear()
            screen.switch_page(str(page.file)).run()
            assert not screen.exception
        return screen.text_input(key="payments.search").value or ""

    assert searched(PAYMENT) == "SO-1"
    assert searched(CUSTOMERS) == ""
    for page in (CUSTOMERS, PAYMENTS, CUSTOMERS):
        screen.switch_page(str(page.file)).run()
        if page is CUSTOMERS:
            assert not screen.text_input(key="customers.search").value
            screen.text_input(key="customers.search").set_value("Jo").run()


def test_a_period_does_not_follow_to_another_list(signed_in_pages: SignedInPages) -> None:
    """Where it would hide rows unnoticed; an address keeps its days, a payment its list's."""
    screen = signed_in_pages.shell(signed_in_pages.claims("supervisor", "analyst"), PAYMENTS).run()

    def came_to(page: DeskPage, **address: str) -> str:
        screen.query_params.clear()
        for name, value in address.items():
            screen.query_params[name] = value
        screen.switch_page(str(page.file)).run()
        assert not screen.exception
        return str(screen.selectbox(key="period").value) if page is not PAYMENT else ""

    for page in (ATTEMPTS, REFUNDS, DISPUTES, CUSTOMERS, PAYMENTS):
        screen.selectbox(key="period").set_value(Period.YESTERDAY).run()
        assert came_to(page) == "Any time", page
        assert not screen.query_params
    screen.multiselect(key="payments.status").set_value(["Succeeded"]).run()
    screen.selectbox(key="period").set_value(Period.YESTERDAY).run()
    days = {name: str(screen.date_input(key=f"period.{name}").value) for name in ("from", "to")}
    came_to(PAYMENT)
    assert came_to(PAYMENTS) == "Yesterday"
    assert screen.multiselect(key="payments.status").value == ["Succeeded"]
    came_to(PAYMENT)
    assert came_to(DISPUTES) == "Any time"
    assert came_to(PAYMENTS) == "Any time"
    assert screen.multiselect(key="payments.status").value == []
    came_to(DISPUTES)
    assert came_to(PAYMENTS, **days) == "Yesterday"
    assert came_to(INSIGHTS) == "Last 30 days"
    assert came_to(ATTEMPTS) == "Any time"
    assert screen.selectbox(key="currency").value is None


def test_the_pages_are_in_two_sections_and_in_no_two_places() -> None:
    """What is used all day stands in the header itself."""
    assert [*SECTIONS] == ["", "More"]
    listed = sum(map(len, SECTIONS.values()))
    assert len(set(PAGES)) == len(PAGES) == listed + len(LINKED)


def test_the_menu_of_the_page_is_marked(signed_in_pages: SignedInPages) -> None:
    """Where its link is folded away."""
    screen = signed_in_pages.shell(signed_in_pages.claims("agent", "admin"))
    for page, is_marked in ((PAYMENTS, False), (SETTINGS, True)):
        screen.query_params.clear()
        screen.switch_page(str(page.file)).run()
        styles = "".join(one.proto.body for one in screen.get("html"))
        (section,) = re.findall(r"\[data-testid=\"stTopNavSection\"\] \{([^}]*)\}", styles)
        assert ("background" in section) is is_marked


def test_the_mode_is_told_in_the_header(signed_in_pages: SignedInPages) -> None:
    """In test mode with the account; no box that a screen reader would announce."""
    screen = signed_in_pages.shell(signed_in_pages.claims("agent")).run()
    told = "".join(element.value for element in screen.markdown).replace("\\", "")
    assert "Test mode" in told
    assert signed_in_pages.world.desk.account.stripe_account_id in told
    assert not screen.warning


def test_a_companys_name_cannot_leave_its_place() -> None:
    """It stands in a style sheet, where quotes and braces would end it."""
    assert css_text('A"} b') == '"A\\22 \\7d \\20 b"'


@pytest.mark.parametrize(("size", "wide"), [((24, 24), False), ((240, 40), True)])
def test_a_wide_logo_stands_without_the_name(size: tuple[int, int], wide: bool) -> None:
    """It holds the name itself."""
    file = BytesIO()
    Image.new("RGB", size).save(file, "PNG")
    assert holds_name(file.getvalue()) is wide


@pytest.mark.parametrize(("role", "waiting"), [("supervisor", 4), ("supervisor", 0), ("agent", 4)])
def test_the_badge_counts_what_needs_review(
    signed_in_pages: SignedInPages, monkeypatch: pytest.MonkeyPatch, role: str, waiting: int
) -> None:
    """For whoever may do something about it; the tab's title has no badge."""
    titles: list[str] = []
    page_of = st.Page
    st.cache_data.clear()

    def noted(*given: object, **named: object) -> object:
        titles.append(str(named["title"]))
        return page_of(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr("streamlit.Page", noted)
    monkeypatch.setattr(navigation, "count_to_review", lambda *_: waiting)
    screen = signed_in_pages.shell(signed_in_pages.claims(role)).run()
    assert not screen.exception
    badged = {title for title in titles if title.startswith("Needs review")}
    expected = "Needs review `4`" if waiting else "Needs review"
    assert badged == (set() if role == "agent" else {expected})
    st.cache_data.clear()

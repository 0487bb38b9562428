"""Period, From and To say the same days."""

from collections.abc import Callable
from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from cardpay.domain.business_days import Period
from components.widgets import period_fields
from components.widgets.period_fields import ANY_TIME


def _fields(default: str | None) -> None:
    from datetime import date

    import streamlit as st

    from cardpay.domain.business_days import Period
    from components.widgets.period_fields import period_fields

    today = date(2026, 11, 30)
    period_fields(st.columns(3), today, default=Period(default) if default else None)


@pytest.fixture
def fields(monkeypatch: pytest.MonkeyPatch) -> Callable[[Period | None], AppTest]:
    """A page with the fields on 30 November 2026, and a default or none."""
    monkeypatch.setattr(period_fields, "keep_session_active", lambda: None)  # nobody signs in
    return lambda default: AppTest.from_function(_fields, args=(default,)).run()


def _shown(page: AppTest) -> tuple[object, ...]:
    return page.selectbox[0].value, page.date_input[0].value, page.date_input[1].value


def test_a_period_keeps_its_name_where_two_mean_the_same_days(
    fields: Callable[[Period | None], AppTest],
) -> None:
    """On the 30th the month so far is the last 30 days."""
    page = fields(Period.THIS_MONTH)
    days = (date(2026, 11, 1), date(2026, 11, 30))
    assert _shown(page) == (Period.THIS_MONTH, *days)
    page.selectbox[0].select(Period.LAST_30_DAYS).run()
    assert _shown(page) == (Period.LAST_30_DAYS, *days)


def test_days_chosen_by_hand_are_other_days(fields: Callable[[Period | None], AppTest]) -> None:
    """Or the period that means them; without any it is any time."""
    page = fields(None)
    assert _shown(page) == (ANY_TIME, None, None)
    page.date_input[0].set_value(date(2026, 11, 29)).run()
    assert page.selectbox[0].value is None
    page.date_input[1].set_value(date(2026, 11, 29)).run()
    assert page.selectbox[0].value == Period.YESTERDAY


def test_a_range_that_ends_before_it_begins_is_told(
    fields: Callable[[Period | None], AppTest],
) -> None:
    """What was typed stays."""
    page = fields(Period.YESTERDAY)
    page.date_input[0].set_value(date(2026, 11, 30)).run()
    assert [error.value for error in page.error] == ["To must be the same day as From, or later"]
    assert page.date_input[0].value == date(2026, 11, 30)


def test_the_key_escape_clears_no_days(fields: Callable[[Period | None], AppTest]) -> None:
    """It empties the field in the browser, on the way out of its list."""
    page = fields(Period.YESTERDAY)
    before = _shown(page)
    page.selectbox[0].set_value(None).run()
    assert _shown(page) == before

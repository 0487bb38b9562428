"""Which days Insights shows, beside which, by which steps, in which currency: in the address."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import streamlit as st

from cardpay.domain.business_days import Period
from cardpay.domain.payment.totals import Split
from cardpay.reporting.insights.chart_data import SPLIT_WORDS
from cardpay.reporting.insights.insights import Insights, InsightsFilter
from cardpay.reporting.insights.steps import Comparison, Step
from components.frame.desk_access import keep_session_active
from components.widgets.period_fields import period_fields

# A field that is bound to the address has its parameter's name as its key.
_COMPARE: Final = "compare"
_STEP: Final = "step"
_CURRENCY: Final = "currency"
_SPLIT: Final = "split"


def insight_fields(places: Sequence[Any], today: date, reporting: str) -> InsightsFilter | None:
    """Draw the fields but for the currency; None while the days are wrong, which says so.

    `reporting` is the currency in which all can be shown, empty if there is none.
    """
    *days_places, compare_place, step_place = places
    days = period_fields(days_places, today, default=Period.LAST_30_DAYS)
    comparison = compare_place.selectbox(
        "Compare with",
        list(Comparison),
        format_func=str,
        key=_COMPARE,
        on_change=keep_session_active,
        bind="query-params",
    )
    step = step_place.selectbox(
        "By",
        list(Step),
        format_func=str,
        key=_STEP,
        on_change=keep_session_active,
        bind="query-params",
    )
    if days is None:
        return None
    given = st.session_state.get(_CURRENCY) or st.query_params.get(_CURRENCY) or ""
    chosen = st.session_state.get(_SPLIT)
    split = next(
        (one for one in SPLIT_WORDS if one == chosen), Split.PRODUCT
    )  # it may be any text
    in_one = bool(reporting) and str(given).lower() == all_in(reporting).lower()
    return InsightsFilter(
        days,
        comparison,
        step,
        "" if in_one else str(given).lower(),
        split,
        reporting if in_one else "",
    )


def all_in(currency: str) -> str:
    """The choice of all currencies, in one."""
    return f"All in {currency.upper()}"


def currency_field(place: Any, found: Insights, reporting: str) -> None:
    """Draw the choice of a currency, those with the most payments first; and of all in one.

    That is offered where something was paid in another currency than that one.
    """
    options = [code.upper() for code in found.payments_in]
    if reporting and (found.reports_all or set(found.payments_in) != {reporting}):
        options.append(all_in(reporting))
    if st.session_state.get(_CURRENCY) not in options:
        chosen = all_in(reporting) if found.reports_all else found.currency.upper()
        st.session_state[_CURRENCY] = chosen
    place.segmented_control(
        "Currency",
        options,
        required=True,
        key=_CURRENCY,
        on_change=keep_session_active,
        bind="query-params",
    )


def split_field() -> None:
    """Draw the choice of what the volume is split by."""
    st.selectbox(
        "Volume by",
        list(SPLIT_WORDS),
        format_func=lambda split: SPLIT_WORDS[split],
        key=_SPLIT,
        label_visibility="collapsed",
        width=220,
        on_change=keep_session_active,
        persist_state="session",
    )

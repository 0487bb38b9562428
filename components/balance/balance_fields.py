"""What the Balance page shows: a month or other days, and one currency of the balance."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

import streamlit as st

from cardpay.domain.business_days import Days, Period
from cardpay.reporting.balance.balance_of_days import Balance
from components.frame.desk_access import keep_session_active
from components.frame.session_state import uninterrupted
from components.widgets.period_fields import day_fields, set_days

_MONTH: Final = "balance.month"
# A field that is bound to the address has its parameter's name as its key.
_CURRENCY: Final = "currency"


def balance_days(places: Sequence[Any], known: Days) -> Days | None:
    """Draw Month, From and To into three places; returns the days that they hold.

    `known` begins with the first day of which there is anything and ends today. None if To is
    before From, which is said there.
    """
    month_place, *day_places = places
    assert known.first is not None
    assert known.last is not None
    days = day_fields(day_places, known.last, default=Period.THIS_MONTH)
    months = _months(known.first, known.last)
    # Set before it is drawn: a day that is changed by hand makes it another month, or none.
    st.session_state[_MONTH] = next((one for one in months if _shown(one, known) == days), None)
    month_place.selectbox(
        "Month",
        months,
        index=None,
        placeholder="Other days",
        format_func=lambda one: f"{one:%B %Y}",
        key=_MONTH,
        on_change=uninterrupted(_choose_month),
        args=(known,),
    )
    return days


def balance_currency(place: Any, balances: Sequence[Balance]) -> Balance:
    """Draw the switch between the currencies of the balance; returns the chosen one's."""
    codes = [one.currency.upper() for one in balances]
    if len(codes) == 1:
        return balances[0]
    if st.session_state.get(_CURRENCY) not in {None, *codes}:
        st.session_state[_CURRENCY] = None
    chosen = place.segmented_control(
        "Currency",
        codes,
        default=codes[0],
        required=True,
        key=_CURRENCY,
        on_change=keep_session_active,
        bind="query-params",
    )
    return balances[codes.index(chosen) if chosen in codes else 0]


def _months(first: date, today: date) -> list[date]:
    """The first day of each month, the newest first."""
    found = [today.replace(day=1)]
    while found[-1] > first:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found


def _shown(month: date, known: Days) -> Days:
    """The days of a month; of this one until today."""
    assert known.last is not None
    after = (month + timedelta(days=31)).replace(day=1)
    return Days(month, min(after - timedelta(days=1), known.last))


def _choose_month(known: Days) -> None:
    keep_session_active()
    chosen = st.session_state[_MONTH]
    if isinstance(chosen, date):  # a selectbox also takes text that is none of its options
        set_days(_shown(chosen, known))

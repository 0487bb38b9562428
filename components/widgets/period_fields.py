"""Which business days a page shows: a named period, or from and to, both in the address."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import streamlit as st

from cardpay.domain.business_days import Days, Period, days_of, period_of
from cardpay.domain.errors import InvalidInput
from components.frame import address, session_state
from components.frame.desk_access import keep_session_active
from components.frame.session_state import uninterrupted

ANY_TIME: Final = "Any time"

_PERIOD: Final = "period"
_FROM: Final = "period.from"
_TO: Final = "period.to"
DAY_PARAMETERS: Final = {"from": _FROM, "to": _TO}
"""What stands in the address, and the keys of the fields."""


def period_fields(
    places: Sequence[Any], today: date, *, default: Period | None = None
) -> Days | None:
    """Draw Period, From and To into three places; returns the days that they hold.

    `default` is what the page shows at first where the address says nothing: all days without one.
    A range that ends before it begins is said at its field, and None is returned.
    """
    period_place, *day_places = places
    days = day_fields(day_places, today, default=default)
    # Set before it is drawn: a day that is changed by hand makes the period another one.
    st.session_state[_PERIOD] = _name_of(days, today, (st.session_state.get(_PERIOD), default))
    period_place.selectbox(
        "Period",
        [ANY_TIME, *Period],
        index=None,
        placeholder="Other days",
        format_func=str,
        key=_PERIOD,
        on_change=uninterrupted(_choose),
        args=(today,),
    )
    return days


def day_fields(
    places: Sequence[Any], today: date, *, default: Period | None = None
) -> Days | None:
    """Draw From and To into two places, as `period_fields` does, and nothing else."""
    from_place, to_place = places
    for parameter, key in DAY_PARAMETERS.items():
        address.take(parameter, key, _day)
    begins = session_state.days_begin() and not {*DAY_PARAMETERS} & {*st.query_params}
    if begins:  # what another page showed hides nothing here
        clear_days()
    if default and (begins or (_FROM not in st.session_state and _TO not in st.session_state)):
        set_days(days_of(default, today))
    first = _day_field(from_place, "From", _FROM)
    last = _day_field(to_place, "To", _TO)
    try:
        days = Days(first, last)
    except InvalidInput as wrong:
        to_place.error(wrong.sentence)
        return None
    for parameter, day in (("from", first), ("to", last)):
        address.put(parameter, [] if day is None else [day.isoformat()])
    return days


def clear_days() -> None:
    """Empty the fields; for a button's callback."""
    set_days(Days())


def set_days(days: Days) -> None:
    """Put these days into the fields, before they are drawn or in a callback."""
    st.session_state[_FROM], st.session_state[_TO] = days.first, days.last


def shown_period() -> Period | None:
    """The name of the days that the fields hold, if they have one."""
    shown = st.session_state.get(_PERIOD)
    return Period(shown) if shown in list(Period) else None


def prefer_period(period: Period) -> None:
    """Name the days by this period where others mean the same days."""
    st.session_state[_PERIOD] = period


def _day(given: list[str]) -> date | None:
    try:
        return date.fromisoformat(given[-1])
    except ValueError:
        return None


def _day_field(place: Any, label: str, key: str) -> date | None:
    day: date | None = place.date_input(
        label,
        value=None,
        format="DD/MM/YYYY",
        key=key,
        on_change=keep_session_active,
        persist_state="session",
    )
    return day


def _name_of(days: Days | None, today: date, chosen: Sequence[str | None]) -> str | None:
    """What was chosen, if it means these days, or else the first period that does."""
    if days is None:
        return None
    if days == Days():
        return ANY_TIME
    meant = (Period(name) for name in chosen if name in list(Period))
    return next((one for one in meant if days_of(one, today) == days), period_of(days, today))


def _choose(today: date) -> None:
    keep_session_active()
    chosen = st.session_state[_PERIOD]
    if chosen is not None:  # the key Escape empties the field, and means nothing by it
        set_days(days_of(Period(chosen), today) if chosen in list(Period) else Days())

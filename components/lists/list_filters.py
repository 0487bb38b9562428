"""The fields of the lists' filters: all that is chosen in them is in the address, to be sent.

A field that is bound to the address has its parameter's name as its key.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import streamlit as st

from components.frame.desk_access import keep_session_active
from components.frame.session_state import uninterrupted
from components.widgets.period_fields import clear_days

_Status = TypeVar("_Status", bound=str)

_STATUS = "status"


def status_field(
    place: Any, label: str, statuses: Sequence[_Status], words: Callable[[_Status], str]
) -> frozenset[_Status]:
    """Draw the field for one or several statuses; returns them, none for all."""
    chosen = place.multiselect(
        label,
        list(statuses),
        placeholder="All",
        format_func=words,
        key=_STATUS,
        on_change=keep_session_active,
        bind="query-params",
    )
    return frozenset(chosen)


def some_of_field(
    place: Any, label: str, parameter: str, options: Sequence[str]
) -> frozenset[str]:
    """Draw the field for one or several values; returns them, none for all."""
    chosen = place.multiselect(
        label,
        list(options),
        placeholder="All",
        key=parameter,
        on_change=keep_session_active,
        bind="query-params",
    )
    return frozenset(chosen)


def one_of_field(
    place: Any,
    label: str,
    parameter: str,
    options: Sequence[str],
    words: Callable[[str], str] = str,
) -> str | None:
    """Draw the field for one of some values; returns it, None for all."""
    chosen: str | None = place.selectbox(
        label,
        list(options),
        index=None,
        placeholder="All",
        format_func=words,
        key=parameter,
        on_change=keep_session_active,
        bind="query-params",
    )
    # Streamlit's selectbox also accepts text that is none of its options (1.67).
    return chosen if chosen in options else None


def currency_field(place: Any, currencies: Sequence[str]) -> str | None:
    """Draw the field for a currency; returns it as Stripe spells it, None for all."""
    chosen = one_of_field(place, "Currency", "currency", [one.upper() for one in currencies])
    return chosen and chosen.lower()


def person_field(place: Any, label: str, parameter: str, people: Mapping[str, str]) -> str | None:
    """Draw the field for a colleague; returns their actor's id, None for all.

    They are shown by name, and are in the address by id, where a name has no business.
    """
    key, told = _person_key(parameter), f"{parameter}.told"
    given = st.query_params.get(parameter)
    if given is not None and given != st.session_state.get(told):
        st.session_state[key] = given  # somebody followed a link
    if st.session_state.get(key) not in people:
        st.session_state[key] = None
    chosen: str | None = place.selectbox(
        label,
        list(people),
        index=None,
        placeholder="All",
        format_func=lambda actor_id: people.get(actor_id, actor_id),
        key=key,
        on_change=keep_session_active,
    )
    chosen = chosen if chosen in people else None
    st.session_state[told] = chosen
    if chosen is not None:
        st.query_params[parameter] = chosen
    elif parameter in st.query_params:
        del st.query_params[parameter]
    return chosen


def choose_person(parameter: str, actor_id: str) -> None:
    """Put a colleague into their field; for a callback."""
    st.session_state[_person_key(parameter)] = actor_id


def clear_button(
    place: Any,
    parameters: Sequence[str],
    people: Sequence[str] = (),
    several: Sequence[str] = (),
) -> None:
    """Draw the button that empties the fields: period, status, and those of these parameters.

    Those in `several` hold several values.
    """
    place.button(
        "Clear filters",
        icon=":material/filter_alt_off:",
        type="tertiary",
        on_click=uninterrupted(_clear),
        args=(tuple(parameters), tuple(people), tuple(several)),
    )


def _clear(parameters: Sequence[str], people: Sequence[str], several: Sequence[str]) -> None:
    keep_session_active()
    clear_days()
    for parameter in (_STATUS, *several):
        st.session_state[parameter] = []
    for parameter in parameters:
        st.session_state[parameter] = None
    for parameter in people:
        st.session_state[_person_key(parameter)] = None


def _person_key(parameter: str) -> str:
    return f"{parameter}.person"

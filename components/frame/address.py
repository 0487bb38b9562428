"""Fields whose value stands in the page's address, so that a link or a bookmark shows the same.

Streamlit can bind a field to the address itself, and does so by what the field shows: a
colleague's name, or whatever is typed. It also empties the field when the browser's Back leads to
an address without it. Here an address gets what a page has checked, and what a field holds stays.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import streamlit as st


def take(parameter: str, key: str, read: Callable[[list[str]], Any]) -> None:
    """Give a field, before it is drawn, what a link says, as `read` understands it.

    What `put` wrote is not read back: the person may have changed the field since.
    """
    if is_new((parameter,)):
        given = st.query_params.get_all(parameter)
        st.session_state[_said(parameter)] = given
        st.session_state[key] = read(given)


def put(parameter: str, values: Collection[str]) -> None:
    """Put what a field holds into the address; nothing at all if it holds nothing.

    Each change is an entry of the browser's history: other capitals are none.
    """
    said, given = list(values), st.query_params.get_all(parameter)
    if [one.lower() for one in said] == [one.lower() for one in given]:
        said = given
    else:
        st.query_params[parameter] = said
    st.session_state[_said(parameter)] = said


def follow(parameters: Collection[str], values: Mapping[str, Collection[str]]) -> None:
    """Make the address say `values`, and of the other `parameters` nothing, as a link would."""
    for parameter in parameters:
        st.session_state.pop(_said(parameter), None)
        if parameter in st.query_params:
            del st.query_params[parameter]
    for parameter, given in values.items():
        st.query_params[parameter] = list(given)


def is_new(parameters: Collection[str]) -> bool:
    """Whether a link has brought a value for one of them, that is not ours from before."""
    return any(
        given != st.session_state.get(_said(parameter))
        for parameter in parameters
        if (given := st.query_params.get_all(parameter))
    )


def _said(parameter: str) -> str:
    return f"address.{parameter}"

"""The one place where pages take typed text: what looks like card data does not stay in a field.

It is masked as soon as the server sees it: the session keeps at most the last four digits, and
the rest of what was typed, and a sentence below the field says so. The use cases refuse card
data as well; a button's callback, which runs before the page is drawn, asks `refuse_masked`.
"""

from collections.abc import Callable, Mapping
from typing import Final

import streamlit as st

from cardpay.domain.card_number_guard import CardDataRefused, is_our_id, mask_card_numbers
from components.frame import session_state

_SENTENCE: Final = (
    "This looks like a card number or a security code, so it has been blotted out: remove the "
    "rest of it. Card details belong in the card form only."
)

# Not how long a text may be, which the use cases say: what is cut off there could be the end of
# a card number, and its beginning would then pass for something else.
_MOST: Final = 10_000


def text_field(
    label: str,
    key: str,
    *,
    placeholder: str | None = None,
    on_change: Callable[[], None] | None = None,
) -> str:
    """A line of text; what it holds now."""
    _mask(key)
    typed = st.text_input(
        label, key=key, max_chars=_MOST, placeholder=placeholder, on_change=on_change
    )
    _tell(key)
    return typed or ""


def text_lines(label: str, key: str, *, height: int, placeholder: str | None = None) -> str:
    """Several lines of text; what they hold now."""
    _mask(key)
    typed = st.text_area(label, key=key, max_chars=_MOST, height=height, placeholder=placeholder)
    _tell(key)
    return typed or ""


def refuse_masked(labels: Mapping[str, str]) -> None:
    """Raise CardDataRefused for the first of these fields (by key) in which card data was typed.

    It holds until the person has typed something else there: one click both leaves a field and
    presses a button, and what is masked then is not what they meant to send.
    """
    for key, label in labels.items():
        _mask(key)
        if key in session_state.masked_fields():
            raise CardDataRefused(label)


def _mask(key: str) -> None:
    """Before the field is drawn, as Streamlit demands. Again, it changes nothing."""
    typed = st.session_state.get(key)
    fields = session_state.masked_fields()
    if (
        isinstance(typed, str)
        and not is_our_id(typed.strip())
        and (allowed := mask_card_numbers(typed)) != typed
    ):
        fields[key] = allowed
        st.session_state[key] = allowed
    elif key in fields and fields[key] != typed:
        del fields[key]


def _tell(key: str) -> None:
    if key in session_state.masked_fields():
        st.error(_SENTENCE, icon=":material/credit_card_off:")

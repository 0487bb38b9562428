"""Text fields that never keep card data. Pages take typed text only through them.

Card data is masked as soon as the server sees it: the session keeps at most the last four digits,
and a message below the field says so. The use cases refuse card data as well; a button's callback,
which runs before the page is drawn, calls `refuse_masked`.
"""

from collections.abc import Callable, Mapping
from typing import Final, Literal

import streamlit as st

from cardpay.domain.card_number_guard import CardDataRefused, is_our_id, mask_card_numbers
from components.frame import session_state

CARD_DATA_REMOVED: Final = (
    "We removed what looked like a card number or security code. Check the rest. Enter card "
    "details in the card form only."
)

# Above what the use cases allow: a shorter limit could cut off the end of a card number, and the
# rest would no longer look like one. Streamlit cuts off what a forged message has beyond.
_MOST: Final = 2_000


def text_field(
    label: str,
    key: str,
    *,
    value: str = "",
    placeholder: str | None = None,
    disabled: bool = False,
    on_change: Callable[[], None] | None = None,
    persist_state: Literal["session"] | None = None,
) -> str:
    """Draw a one-line field; returns its text. `value` is what it holds at first.

    `persist_state` keeps it while it is not drawn.
    """
    _mask(key)
    typed = st.text_input(
        label,
        value,
        key=key,
        max_chars=_MOST,
        placeholder=placeholder,
        disabled=disabled,
        on_change=on_change,
        persist_state=persist_state,
    )
    _tell(key)
    return typed or ""


def amount_field(label: str, key: str, *, on_change: Callable[[], None]) -> str:
    """Draw the field of an amount that a button will move; returns its text.

    It is sent at each key, not when the field is left: no press comes before what was typed.
    """
    _mask(key)
    typed = st.text_input(label, key=key, max_chars=_MOST, live="0ms", on_change=on_change)
    _tell(key)
    return typed or ""


def text_lines(
    label: str,
    key: str,
    *,
    height: int,
    placeholder: str | None = None,
    disabled: bool = False,
    on_change: Callable[[], None] | None = None,
) -> str:
    """Draw a field of `height` pixels for several lines; returns its text."""
    _mask(key)
    typed = st.text_area(
        label,
        key=key,
        max_chars=_MOST,
        height=height,
        placeholder=placeholder,
        disabled=disabled,
        on_change=on_change,
    )
    _tell(key)
    return typed or ""


def masked_labels(labels: Mapping[str, str]) -> list[str]:
    """The labels of those of these fields (by key) in which card data was typed.

    Until the person has typed something else there: one click both leaves a field and presses a
    button, and the masked text is not what they meant to send.
    """
    for key in labels:
        _mask(key)
    return [label for key, label in labels.items() if key in session_state.masked_fields()]


def refuse_masked(labels: Mapping[str, str]) -> None:
    """Raise CardDataRefused for the first of these fields in which card data was typed."""
    for label in masked_labels(labels):
        raise CardDataRefused(label)


def _mask(key: str) -> None:
    """Mask the field's text, before the field is drawn as Streamlit requires; idempotent."""
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
        st.error(CARD_DATA_REMOVED, icon=":material/credit_card_off:")

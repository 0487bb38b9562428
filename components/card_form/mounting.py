"""Mounts the form on the page and reads what it sent.

The bundle is served over HTTP from `build/`, because Streamlit 1.67 sends an inline string over
the websocket again at every change of the data. `isolate_styles` is False, because Stripe's
Elements cannot be mounted inside a shadow root.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import streamlit as st
from cardpay_card_form.contract import (
    ActionResult,
    CardFormState,
    NewPayment,
    Press,
    Submission,
    read_action_result,
    read_new_payment,
    read_press,
    read_submission,
)


def card_form(
    state: CardFormState,
    *,
    key: str,
    on_press: Callable[[], None],
    on_submit: Callable[[], None],
    on_action_result: Callable[[], None],
    on_new_payment: Callable[[], None],
    on_drawn: Callable[[], None],
) -> None:
    """Mount the form, or update the mounted one.

    With the same `key` a typed card survives reruns and changes of `state`. The callbacks get
    what was sent from `pressed(key)`, `submitted(key)`, `action_result(key)` and
    `new_payment(key)`; `on_drawn` brings nothing.
    """
    _component()(
        key=key,
        data=state.as_data(),
        on_press_change=on_press,
        on_submission_change=on_submit,
        on_action_result_change=on_action_result,
        on_new_payment_change=on_new_payment,
        on_drawn_change=on_drawn,
    )


def pressed(key: str) -> Press | None:
    """The press of the current callback, or None. Raises Malformed."""
    return read_press(_trigger(key, "press"))


def new_payment(key: str) -> NewPayment | None:
    """The request for another payment in the current callback, or None. Raises Malformed."""
    return read_new_payment(_trigger(key, "new_payment"))


def submitted(key: str) -> Submission | None:
    """The submission of the current callback, or None. Raises Malformed."""
    return read_submission(_trigger(key, "submission"))


def action_result(key: str) -> ActionResult | None:
    """The authentication result of the current callback, or None. Raises Malformed."""
    return read_action_result(_trigger(key, "action_result"))


def _trigger(key: str, name: str) -> object:
    # A late trigger can still arrive after a page switch, when the key no longer exists.
    mounted = st.session_state.get(key)
    return mounted.get(name) if isinstance(mounted, Mapping) else None


@cache
def _component() -> Callable[..., Any]:
    return st.components.v2.component(
        "cardpay-card-form.card_form",
        js="index-*.js",
        css="index-*.css",
        isolate_styles=False,
    )

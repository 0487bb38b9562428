"""Putting the form on the page and reading what it sent.

The bundle is served over HTTP from `build/`: as an inline string it would travel over the
websocket again at every change of the data (Streamlit 1.67). `isolate_styles=False` because
Stripe's Elements refuse to mount inside a shadow root.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Literal

import streamlit as st
from cardpay_card_form.contract import (
    ActionResult,
    CardFormState,
    Submission,
    read_action_result,
    read_submission,
)


def card_form(
    state: CardFormState,
    *,
    key: str,
    on_submit: Callable[[], None],
    on_action_result: Callable[[], None],
    height: Literal["content", "stretch"] | int = "content",
) -> None:
    """Mount the form, or bring the mounted one up to date.

    With the same `key` a typed card survives reruns and changes of `state`. The callbacks call
    `submitted(key)` and `action_result(key)` to learn what was sent. `height` is in pixels.
    """
    _component()(
        key=key,
        data=state.as_data(),
        height=height,
        on_submission_change=on_submit,
        on_action_result_change=on_action_result,
    )


def submitted(key: str) -> Submission | None:
    """The submission that the running callback is about, None when there is none; Malformed."""
    return read_submission(_trigger(key, "submission"))


def action_result(key: str) -> ActionResult | None:
    """The authentication that the running callback is about, or None; Malformed."""
    return read_action_result(_trigger(key, "action_result"))


def _trigger(key: str, name: str) -> object:
    # After a page switch the key is gone and a late trigger still calls: hence `get`.
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

"""What the simulated Stripe does next, its webhooks, and what can be made to happen."""

from collections.abc import Callable
from enum import StrEnum
from typing import Final, TypeVar

import streamlit as st

from cardpay.demo.controls.controls import MADE, Controls
from cardpay.demo.controls.stripe_behaviour import Answering, Delivering
from components.frame import session_state
from components.frame.session_state import uninterrupted
from components.widgets.messages import show_result

_PANEL: Final = "demo"
_MADE: Final = "cardpay.demo.made"
_BEGUN_AGAIN: Final = "cardpay.demo.begun_again"
Choice = TypeVar("Choice", bound=StrEnum)


def stripe_controls(controls: Controls) -> None:
    """Draw them."""
    _choice("What Stripe does next", Answering, controls.answering, controls.answer)
    _choice("Webhooks", Delivering, controls.delivering, controls.deliver)
    st.markdown(":small[Make]")
    with st.container(horizontal=True, gap="small", key="demo-make"):
        for name in MADE:
            st.button(
                name,
                key=f"cardpay.demo.make.{name}",
                on_click=uninterrupted(_make),
                args=(controls, name),
            )


def what_was_made() -> None:
    """Say what the last press did, as the menu's last element: it stays in sight at its end."""
    with st.container(key="demo-said"):
        show_result(_PANEL)


def reset_button(controls: Controls) -> None:
    """Draw the button that begins the demo again, with a second step."""
    with st.popover("Reset demo", icon=":material/restart_alt:", key="demo-reset"):
        st.markdown("All payments of the demo are forgotten, for everybody who looks at it.")
        st.button(
            "Reset now",
            key="cardpay.demo.reset",
            on_click=uninterrupted(_begin_again),
            args=(controls,),
        )


def _choice(
    label: str, choices: type[Choice], now: Choice, choose: Callable[[Choice], None]
) -> None:
    """Pills of which one is chosen. What is so for everybody may have been changed elsewhere."""
    key = f"cardpay.demo.{choices.__name__}"
    st.session_state[key] = now
    st.pills(
        label,
        list(choices),
        required=True,
        key=key,
        on_change=uninterrupted(_changed),
        args=(key, lambda value: choose(choices(value))),
    )


def _changed(key: str, choose: Callable[[str], None]) -> None:
    """Take the choice; there is none once "Reset now" has cleared the session."""
    if key in st.session_state:
        choose(st.session_state[key])


def something_was_made() -> bool:
    """Whether something was made since this was last asked."""
    return bool(st.session_state.pop(_MADE, False))


def _make(controls: Controls, name: str) -> None:
    session_state.set_result(_PANEL, ("success", controls.make(name)))
    st.session_state[_MADE] = True


def say_begun_again() -> None:
    """Say it once, when the page is drawn anew: the menu has closed."""
    if st.session_state.pop(_BEGUN_AGAIN, False):
        st.toast("The demo has begun again.", icon=":material/restart_alt:", duration="long")


def _begin_again(controls: Controls) -> None:
    controls.begin_again()
    role = session_state.chosen_role()
    session_state.clear()
    if role is not None:  # which the browser still keeps
        session_state.choose_role(role)
    st.query_params.clear()  # what was on screen is forgotten
    st.session_state[_MADE] = st.session_state[_BEGUN_AGAIN] = True

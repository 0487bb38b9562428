"""A tour of the desk in five steps: each says what to do, and leads to where it is done."""

from dataclasses import dataclass
from typing import Final

import streamlit as st

from components.frame import session_state
from components.frame.page_list import OPERATIONS, PAYMENTS, TAKE_PAYMENT, DeskPage
from components.frame.session_state import uninterrupted


@dataclass(frozen=True)
class _Step:
    title: str
    words: str
    page: DeskPage


_STEPS: Final = (
    _Step(
        "Take a payment",
        "Choose a product, type a name and an order reference, fill in **Visa 4242** below, pay.",
        TAKE_PAYMENT,
    ),
    _Step(
        "Have a card declined",
        "Begin a new payment and fill in **Funds 9995**: the screen says what to tell the caller. "
        "Then pay with another card.",
        TAKE_PAYMENT,
    ),
    _Step(
        "Give money back",
        "Open a paid payment in Payments and refund a part of it.",
        PAYMENTS,
    ),
    _Step(
        "Answer a dispute",
        "Press **Dispute** below: in a moment the newest payment is disputed, with a date to "
        "respond by.",
        PAYMENTS,
    ),
    _Step(
        "Lose an answer",
        "Choose **Down after** below and pay: the card is charged but the answer is lost. The "
        "desk asks Stripe, finds out, and nobody is charged twice.",
        OPERATIONS,
    ),
)


def tour() -> None:
    """Draw the step that somebody is at, or the button that begins: one element, at one place."""
    number = session_state.tour_step()
    if number is None:
        _start_button()
    else:
        _step(number)


def _start_button() -> None:
    st.button(
        f"Tour, {len(_STEPS)} steps",
        icon=":material/play_circle:",
        type="tertiary",
        key="cardpay.demo.tour",
        on_click=uninterrupted(session_state.set_tour_step),
        args=(1,),
    )


def _step(number: int) -> None:
    step = _STEPS[number - 1]
    with st.container(border=True, key="demo-tour"):
        st.markdown(f"**Step {number} of {len(_STEPS)}: {step.title}**")
        st.markdown(step.words)
        with st.container(horizontal=True, gap="small"):
            if st.button(f"Open {step.page.title}", key="cardpay.demo.tour.open"):
                st.switch_page(step.page.file)
            _to_step("Back", "back", number - 1, disabled=number == 1)
            if number < len(_STEPS):
                _to_step("Next step", "next", number + 1)
            else:
                _to_step("End the tour", "next", None)


def _to_step(label: str, name: str, step: int | None, *, disabled: bool = False) -> None:
    """A button that leads to another step, or out of the tour."""
    st.button(
        label,
        key=f"cardpay.demo.tour.{name}",
        disabled=disabled,
        on_click=uninterrupted(session_state.set_tour_step),
        args=(step,),
    )

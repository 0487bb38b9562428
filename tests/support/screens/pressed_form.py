"""The card form without a browser: two buttons that send what the real one sends."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

import pytest
import streamlit as st
from cardpay_card_form import CardFormState, NewPayment, Press

from components.take_payment import card_form_panel

PAY = "Pay"


@dataclass
class PressedForm:
    """What the form was told last, and whether a card is typed in it."""

    told: CardFormState | None = None
    card_complete: bool = True
    amount_label: str | None = None  # what the button shows, unless one is set
    press_id: str | None = None  # each press has one of its own, unless one is set

    def mounted(
        self,
        state: CardFormState,
        *,
        on_press: Callable[[], None],
        on_new_payment: Callable[[], None],
        **_others: object,
    ) -> None:
        """Stands in for `card_form`."""
        self.told = state
        if state.phase == "done":
            st.button("New payment", key="form.new", on_click=on_new_payment)
        else:
            st.button(PAY, key="form.pay", on_click=on_press)

    def pressed(self, _key: str) -> Press:
        """Stands in for the trigger of the same name."""
        assert self.told is not None
        press_id = self.press_id or str(uuid4())
        shown = self.told.amount_label if self.amount_label is None else self.amount_label
        return Press(self.told.payment_id, press_id, self.card_complete, shown)

    def new_payment(self, _key: str) -> NewPayment:
        """Stands in for the trigger of the same name."""
        assert self.told is not None
        return NewPayment(self.told.payment_id)


def stand_in(monkeypatch: pytest.MonkeyPatch) -> PressedForm:
    """Put it in the form's place."""
    form = PressedForm()
    monkeypatch.setattr(card_form_panel, "card_form", form.mounted)
    monkeypatch.setattr(card_form_panel, "pressed", form.pressed)
    monkeypatch.setattr(card_form_panel, "new_payment", form.new_payment)
    return form

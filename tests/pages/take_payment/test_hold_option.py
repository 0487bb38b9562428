"""Holding an amount instead of charging it: offered to who may, and sent with the order."""

import pytest
from streamlit.testing.v1 import AppTest

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import PERMISSIONS, Permission, Role
from components.frame import session_state
from components.take_payment.order_fields import FIELDS, HOLD, typed_draft
from tests.pages.conftest import Drawing
from tests.support.desks.worlds import AGENT, World
from tests.support.screens.pressed_form import PressedForm


def offered(page_of: Drawing, monkeypatch: pytest.MonkeyPatch, actor: Actor) -> list[str]:
    """The checkboxes of the form, as somebody sees it."""
    monkeypatch.setattr("components.frame.desk_access.current_actor", lambda: actor)
    screen: AppTest = page_of("take_payment.py").run()
    assert not screen.exception
    return [one.label for one in screen.checkbox]


@pytest.mark.parametrize("may", [True, False])
def test_it_is_offered_to_who_may(
    world: World, page_of: Drawing, monkeypatch: pytest.MonkeyPatch, may: bool
) -> None:
    """Behind "More"."""
    if not may:
        without = PERMISSIONS[Role.AGENT] - {Permission.HOLD_PAYMENT}
        monkeypatch.setitem(PERMISSIONS, Role.AGENT, without)
    assert (HOLD in offered(page_of, monkeypatch, AGENT)) is may


@pytest.mark.parametrize("chosen", [True, False])
def test_it_is_sent_with_the_order(monkeypatch: pytest.MonkeyPatch, chosen: bool) -> None:
    """As it was chosen."""
    typed = {**FIELDS, "product_id": "consultation", "hold": chosen}
    monkeypatch.setattr(session_state, "typed", lambda _: typed)
    assert typed_draft("11111111-1111-4111-8111-111111111111", {}, None).hold is chosen


def test_the_screen_says_what_the_button_holds(
    page_of: Drawing, form: PressedForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its name stays "Pay …"; beneath it stands what is not taken."""
    monkeypatch.setattr("components.frame.desk_access.current_actor", lambda: AGENT)
    screen = page_of("take_payment.py").run()
    screen.selectbox[0].set_value("consultation").run()
    assert form.told is not None
    assert form.told.pay_note == ""
    next(one for one in screen.checkbox if one.label == HOLD).check().run()
    assert form.told.amount_label == "£120.00"
    assert form.told.pay_note == "Holds £120.00. Nothing is taken until a supervisor captures it."

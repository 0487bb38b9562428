"""The order reference that the desk fills in, and that staff may change."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from cardpay import bootstrap
from cardpay.services.taking import payment_view
from cardpay.services.taking.create_payment import create_payment
from tests.pages.conftest import Drawing
from tests.support.desks.worlds import AGENT, World, draft
from tests.support.screens.pressed_form import PAY, PressedForm


@pytest.fixture
def screen(page_of: Drawing, world: World, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page of an agent at a desk that numbers its orders."""
    monkeypatch.setattr("components.frame.desk_access.current_actor", lambda: AGENT)
    drawing = page_of("take_payment.py")
    desk = replace(world.desk, order_prefix="SO-")
    monkeypatch.setattr(bootstrap, "_application", replace(bootstrap.application(), desk=desk))
    world.desk = desk
    return _drawn(drawing)


def _drawn(screen: AppTest) -> AppTest:
    screen.run()
    assert not screen.exception
    return screen


def _reference(screen: AppTest) -> str:
    (field,) = [one for one in screen.text_input if one.label == "Order reference"]
    return str(field.value)


def _filled(screen: AppTest) -> AppTest:
    screen.selectbox[0].set_value("consultation")
    next(one for one in screen.text_input if one.label == "Customer name").set_value("One")
    return _drawn(screen)


def _pressed(screen: AppTest) -> AppTest:
    next(one for one in screen.button if one.label == PAY).click()
    return _drawn(screen)


def test_the_next_number_is_filled_in_and_claimed_by_the_press(
    screen: AppTest, form: PressedForm, world: World
) -> None:
    """The field shows the payment's own; the next order has the next one."""
    assert _reference(screen) == "SO-1"
    _pressed(_filled(screen))
    assert form.told is not None
    assert form.told.press_result == "created"
    assert _reference(screen) == "SO-1"
    world.pay(payment_view.view(world.desk, form.told.payment_id))
    next(one for one in _drawn(screen).button if one.label == "New payment").click()
    assert _reference(_drawn(screen)) == "SO-2"


def test_a_quicker_colleague_takes_the_number(
    screen: AppTest, form: PressedForm, world: World
) -> None:
    """A press before the screen knows gets the next one, and the screen shows it."""
    _filled(screen)
    other = draft(order_reference="SO-1", is_numbered=True, customer_name="Somebody else")
    create_payment(world.desk, AGENT, other)
    _pressed(screen)
    assert form.told is not None
    assert form.told.press_result == "created"
    assert _reference(screen) == "SO-2"


def test_a_screen_that_is_drawn_again_shows_the_number_that_is_free_now(
    screen: AppTest, world: World
) -> None:
    """Otherwise it would say that the order was paid."""
    world.created(order_reference="SO-1")
    assert _reference(_drawn(screen)) == "SO-2"


def test_staff_type_another(screen: AppTest, form: PressedForm, world: World) -> None:
    """What they typed stays, whatever colleagues take meanwhile."""
    next(one for one in screen.text_input if one.label == "Order reference").set_value("A-7")
    _filled(screen)
    world.created(order_reference="SO-1")
    _pressed(screen)
    assert _reference(screen) == "A-7"
    assert {one["metadata"]["order_reference"] for one in world.intents()} == {"A-7", "SO-1"}

"""No order is charged that differs from what was on the screen at the press."""

import pytest
from streamlit.testing.v1 import AppTest

from cardpay.services.taking.create_payment import create_payment
from cardpay.storage.schema.tables import Product
from tests.support.desks.worlds import AGENT, World, draft
from tests.support.screens.pressed_form import PressedForm
from tests.support.screens.typed_order import drawn, field, fill, press


def test_an_order_that_differs_in_another_tab_is_not_charged_unseen(
    screen: AppTest, form: PressedForm, world: World
) -> None:
    """Both tabs have the same draft: the second one shows the first one's order before a card."""
    fill(screen)
    assert form.told is not None
    create_payment(
        world.desk, AGENT, draft(payment_id=form.told.payment_id, order_reference="SO-9")
    )
    press(screen)
    assert form.told.press_result == "refused"
    assert "differs from what you typed" in screen.error[0].value
    assert field(screen, "Order reference").value == "SO-9"
    assert field(screen, "Order reference").disabled


def reprice(world: World, unit_amount_minor: int) -> None:
    """An administrator changes the price of what is being sold."""
    with world.desk.store.transaction() as session:
        session.get_one(Product, "consultation").unit_amount_minor = unit_amount_minor


@pytest.mark.parametrize("on_the_way", ["quantity", "price", "product"])
def test_no_other_amount_is_charged_than_the_button_showed(
    screen: AppTest, form: PressedForm, world: World, on_the_way: str
) -> None:
    """What is typed last comes with the press, and the server knows a new price first."""
    fill(screen)
    assert form.told is not None
    form.amount_label = form.told.amount_label
    if on_the_way == "quantity":
        field(screen, "Quantity").set_value(3)
    elif on_the_way == "product":
        field(screen, "Product").set_value("seat")
    else:
        reprice(world, 30_000)
        drawn(screen)  # at the server: the browser has not shown it yet
    press(screen)
    assert form.told.press_result == "refused"
    told = screen.error[0].value.replace("\\", "")
    assert f"The total is now {form.told.amount_label}." in told
    assert world.intents() == []
    form.amount_label = None
    press(screen)
    assert form.told.created


@pytest.mark.parametrize("differs", ["price", "hold"])
def test_another_tabs_order_is_not_charged_for_another_amount_or_as_a_hold(
    screen: AppTest, form: PressedForm, world: World, differs: str
) -> None:
    """The same product and quantity of the same draft, at the price of a minute ago, or held."""
    fill(screen)
    assert form.told is not None
    sent = draft(
        payment_id=form.told.payment_id, customer_name="Customer One", hold=differs == "hold"
    )
    if differs == "price":
        reprice(world, 10_000)
        create_payment(world.desk, AGENT, sent)
        reprice(world, 12_000)
    else:
        create_payment(world.desk, AGENT, sent)
    press(screen)
    assert form.told.press_result == "refused"
    assert "differs from what you typed" in screen.error[0].value

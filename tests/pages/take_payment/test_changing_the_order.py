"""An order that was pressed is locked; to change it gives its payment up."""

from streamlit.testing.v1 import AppTest

from cardpay.services.taking import payment_view
from tests.support.desks.worlds import DECLINED, World
from tests.support.screens.pressed_form import PressedForm
from tests.support.screens.typed_order import drawn, field, fill, press


def test_an_order_that_is_locked_has_fields_of_its_own(screen: AppTest, form: PressedForm) -> None:
    """What was being typed when a charge ends would stay in them, and be on no payment."""
    fill(screen)
    labels = ("Product", "Quantity", "Customer name", "Order reference", "Note")
    before = {field(screen, label).key for label in labels}
    press(screen)
    locked = [field(screen, label) for label in labels]
    assert all(one.disabled for one in locked)
    assert not before & {one.key for one in locked}


def test_change_order_gives_the_payment_up_and_keeps_what_was_typed(
    screen: AppTest, form: PressedForm, world: World
) -> None:
    """A card that was typed stays too: the form is the same one."""
    press(fill(screen, Note="Ring twice"))
    assert form.told is not None
    first, form_id = form.told.payment_id, form.told.form_id
    assert field(screen, "Customer name").disabled
    press(screen, "Change order")
    assert form.told.payment_id != first
    assert form.told.form_id == form_id
    assert field(screen, "Note").value == "Ring twice"
    assert not field(screen, "Order reference").disabled
    field(screen, "Quantity").set_value(2)
    press(drawn(screen))
    assert form.told.press_result == "created"
    assert [one["status"] for one in world.intents()] == ["requires_payment_method", "canceled"]


def test_an_order_is_not_changed_until_stripe_has_given_its_payment_up(
    screen: AppTest, form: PressedForm, world: World
) -> None:
    """Otherwise its reference would still be taken."""
    press(fill(screen))
    assert form.told is not None
    first = form.told.payment_id
    world.sandbox.faults.add("timeout_before", path="*/cancel", times=2)
    press(screen, "Change order")
    assert form.told.payment_id == first
    assert "hasn't confirmed yet that this payment is cancelled" in screen.error[0].value.replace(
        "\\", ""
    )


def test_a_cancel_without_an_answer_is_said_as_what_it_is(
    screen: AppTest, form: PressedForm, world: World
) -> None:
    """Not as a charge that nobody made."""
    press(fill(screen))
    assert form.told is not None
    world.pay(payment_view.view(world.desk, form.told.payment_id), DECLINED)
    world.sandbox.faults.add("timeout_before", path="*/cancel", times=2)
    press(drawn(screen), "Change order")
    assert form.told.outcome is not None
    assert "is cancelled" in form.told.outcome.title
    assert "charge again" not in str(form.told.outcome)


def test_a_held_amount_is_not_let_go_by_changing_the_order(screen: AppTest, world: World) -> None:
    """To cancel it is another button, which asks."""
    payment = world.pay(world.created(hold=True)).payment
    screen.query_params["payment"] = payment.payment_id
    labels = {one.label for one in drawn(screen).button}
    assert "Cancel" in labels
    assert "Change order" not in labels

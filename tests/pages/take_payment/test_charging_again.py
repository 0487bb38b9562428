"""An order that was paid before is charged again only by choice, and with a reason."""

from streamlit.testing.v1 import AppTest

from cardpay.domain.payment.order import SecondPayment
from cardpay.storage.schema.tables import Payment
from tests.support.desks.worlds import World
from tests.support.screens.pressed_form import PressedForm
from tests.support.screens.typed_order import at_fields, drawn, field, fill, press


def test_an_order_that_was_paid_shows_its_payment_before_the_press(
    screen: AppTest, form: PressedForm, world: World
) -> None:
    """Amount, status, time and by whom; charged again only with a reason."""
    world.pay(world.created(order_reference="SO-1"))
    fill(screen)
    assert "Order SO-1 was paid: £120.00 on 29 Feb 2024, 12:00 UTC by agent-1." in at_fields(
        screen
    )
    press(screen)
    assert form.told is not None
    assert form.told.wrong_fields == ("order_reference",)
    press(screen, "Charge again")
    press(screen)
    assert form.told.wrong_fields == ("second_reason",)
    field(screen, "Reason to charge again").set_value("Two boilers")
    press(screen)
    assert form.told.press_result == "created"
    assert len(world.intents()) == 2


def test_charging_again_is_for_the_order_that_was_seen(
    screen: AppTest, form: PressedForm, world: World
) -> None:
    """Another order reference, typed and pressed in one go, has to be looked at first."""
    for reference in ("SO-1", "SO-2"):
        world.pay(world.created(order_reference=reference))
    press(fill(screen), "Charge again")
    field(screen, "Reason to charge again").set_value("Two boilers")
    drawn(screen)
    field(screen, "Order reference").set_value("SO-2")
    press(screen)
    assert form.told is not None
    assert form.told.press_result == "refused"
    assert "SO-2 was paid" in at_fields(screen)
    assert len(world.intents()) == 2


def test_charging_again_is_chosen_after_the_payment_that_was_seen(
    screen: AppTest, form: PressedForm, world: World
) -> None:
    """A colleague's payment that came meanwhile is shown, and has to be decided about anew."""
    paid = world.pay(world.created(order_reference="SO-1")).payment
    press(fill(screen), "Charge again")
    field(screen, "Reason to charge again").set_value("Two boilers")
    drawn(screen)
    second = SecondPayment("Also two boilers", paid.order_sequence)
    world.pay(world.created(order_reference="SO-1", second_payment=second))
    drawn(screen)
    press(screen)
    assert form.told is not None
    assert form.told.wrong_fields == ("order_reference",)
    assert len(world.intents()) == 2
    press(screen, "Charge again")
    press(screen)
    assert form.told.press_result == "created"


def test_a_changed_order_keeps_why_it_is_charged_again(
    screen: AppTest, form: PressedForm, world: World
) -> None:
    """It is the same second payment, and the same reason."""
    world.pay(world.created(order_reference="SO-1"))
    press(fill(screen), "Charge again")
    field(screen, "Reason to charge again").set_value("Two boilers")
    press(drawn(screen))
    press(screen, "Change order")
    assert field(screen, "Reason to charge again").value == "Two boilers"
    field(screen, "Quantity").set_value(2)
    press(drawn(screen))
    assert form.told is not None
    assert form.told.press_result == "created"
    with world.desk.store.reading() as session:
        again = session.get_one(Payment, form.told.payment_id)
        assert (again.order_sequence, again.second_payment_reason) == (2, "Two boilers")


def wrong(form: PressedForm) -> tuple[str, ...]:
    """The fields that the form was told to mark."""
    assert form.told is not None
    return form.told.wrong_fields


def test_what_was_mended_is_wrong_no_more(
    screen: AppTest, form: PressedForm, world: World
) -> None:
    """The reference by charging again, the reason by another reference."""
    world.pay(world.created())
    press(fill(screen))
    assert wrong(form) == ("order_reference",)
    press(screen, "Charge again")
    assert wrong(form) == ()
    assert "cardpay-wrong" not in at_fields(screen).split("</style>")[-1]
    press(screen)
    assert wrong(form) == ("second_reason",)
    field(screen, "Order reference").set_value("SO-2")
    drawn(screen)
    assert wrong(form) == ()


def test_the_same_amount_from_the_same_customer_is_a_warning(
    screen: AppTest, form: PressedForm, world: World
) -> None:
    """Within a day; it stops nobody."""
    world.pay(world.created(order_reference="SO-7", customer_name="Customer One"))
    fill(screen)
    assert "Customer One already paid" in screen.warning[0].value
    press(screen)
    assert form.told is not None
    assert form.told.press_result == "created"


def test_the_same_amount_of_two_days_ago_is_no_warning(screen: AppTest, world: World) -> None:
    """Regular customers pay regularly."""
    world.pay(world.created(order_reference="SO-7", customer_name="Customer One"))
    world.clock.advance(hours=30)
    assert not fill(screen).warning

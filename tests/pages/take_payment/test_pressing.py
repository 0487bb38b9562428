"""One press of the pay button, as far as the server has to do with it before there is a card."""

from sqlmodel import select
from streamlit.testing.v1 import AppTest

from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.storage.schema.tables import Operation
from tests.support.desks.worlds import World
from tests.support.screens.pressed_form import PressedForm
from tests.support.screens.typed_order import ORDER, at_fields, drawn, field, fill, press


def test_everything_wrong_is_said_at_its_field_at_once(
    screen: AppTest, form: PressedForm, world: World
) -> None:
    """In the order of the eye, so that the focus goes to the first; nothing is created."""
    field(screen, "Customer email").set_value("nobody")
    press(screen)
    assert form.told is not None
    assert form.told.wrong_fields == (
        "product_id",
        "customer_name",
        "order_reference",
        "customer_email",
    )
    assert form.told.press_result == "refused"
    for words in ("Choose a product", "Enter the customer&#x27;s name", "Enter an email address"):
        assert words in at_fields(screen)
    assert world.intents() == []
    field(screen, "Customer name").set_value("Customer One")
    drawn(screen)
    assert "customer_name" not in form.told.wrong_fields


def test_without_a_complete_card_the_order_is_only_checked(
    screen: AppTest, form: PressedForm, world: World
) -> None:
    """A PaymentIntent that no card follows would wait for nothing."""
    form.card_complete = False
    press(fill(screen))
    assert form.told is not None
    assert (form.told.press_result, form.told.wrong_fields) == ("refused", ())
    assert world.intents() == []
    form.card_complete = True
    press(screen)
    assert (form.told.press_result, form.told.created) == ("created", True)
    assert len(world.intents()) == 1


def test_a_press_that_is_repeated_makes_one_payment(
    screen: AppTest, form: PressedForm, world: World
) -> None:
    """The second is answered with the payment of the first."""
    press(fill(screen))
    press(screen)
    assert form.told is not None
    assert form.told.press_result == "created"
    assert len(world.intents()) == 1


def test_a_create_without_an_answer_is_sent_again_with_its_key(
    screen: AppTest, form: PressedForm, world: World
) -> None:
    """Trying again is the same press of the same button, and one PaymentIntent."""
    world.sandbox.faults.add("timeout_after", path="/v1/payment_intents", times=2)
    press(fill(screen))
    assert form.told is not None
    assert form.told.outcome is not None
    assert form.told.outcome.label == DisplayStatus.NOT_CHARGED
    assert "know yet" not in str(form.told)
    world.clock.advance(seconds=40)
    press(screen)
    assert (form.told.press_result, form.told.created) == ("created", True)
    assert len(world.intents()) == 1
    with world.desk.store.reading() as session:
        assert len(session.exec(select(Operation)).all()) == 1


def test_a_press_that_comes_again_gets_the_answer_it_had(
    screen: AppTest, form: PressedForm, world: World
) -> None:
    """The browser repeats itself until it has seen the answer: Stripe is not asked again."""
    form.press_id = "1c9a7a54-8d57-4b0e-9f3b-5a1f0d6f9a11"
    press(screen)
    assert form.told is not None
    field(screen, "Product").set_value("consultation")
    for label, text in ORDER.items():
        field(screen, label).set_value(text)
    press(screen)
    assert (form.told.press_result, world.intents()) == ("refused", [])
    form.press_id = None
    press(screen)
    assert form.told.press_result == "created"

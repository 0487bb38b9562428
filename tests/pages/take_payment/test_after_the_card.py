"""What the screen shows once a card was sent, and how the next one is begun."""

import pytest
from sqlmodel import select
from streamlit.testing.v1 import AppTest

from cardpay.services.recovery.recover_payment import recover_payment
from cardpay.services.taking import payment_view
from cardpay.services.taking.cancel_payment import cancel_payment
from cardpay.storage.schema.tables import Payment
from tests.support.desks.worlds import AGENT, DECLINED, World
from tests.support.screens.pressed_form import PressedForm
from tests.support.screens.typed_order import ORDER, at_fields, drawn, field, fill, press


@pytest.mark.parametrize(
    ("charged", "title"),
    [
        (False, "Stripe didn't answer in time, so this payment was cancelled."),
        (True, "Stripe didn't confirm the charge, so this payment was cancelled."),
    ],
    ids=["create", "confirm"],
)
def test_lost_answers_never_contradict_each_other(
    screen: AppTest, form: PressedForm, world: World, charged: bool, title: str
) -> None:
    """Of a card only where one was sent; and there is something to say to the caller each time."""
    if charged:
        press(fill(screen))
        assert form.told is not None
        world.sandbox.faults.add("timeout_before", path="*/confirm", times=2)
        world.pay(payment_view.view(world.desk, form.told.payment_id))
        drawn(screen)
    else:
        world.sandbox.faults.add("timeout_after", path="/v1/payment_intents", times=4)
        press(press(fill(screen)))
        world.tell()
    assert form.told is not None
    assert form.told.outcome is not None
    assert form.told.outcome.say
    world.clock.advance(minutes=4)
    recover_payment(world.desk, form.told.payment_id, page_is_watched=True)
    drawn(screen)
    told = form.told.outcome
    assert told is not None
    assert (told.label, told.title) == ("Not charged", title)
    assert ("No card was sent, so nothing was charged." in told.lines) is not charged
    assert told.say


def test_a_declined_card_is_cleared_and_one_to_try_again_stays(
    screen: AppTest, form: PressedForm, world: World
) -> None:
    """By the reason that Stripe gave for the last attempt."""
    press(fill(screen))
    with world.desk.store.reading() as session:
        payment = payment_view.view_of(session, session.exec(select(Payment)).one())
    for number, kept in (
        (DECLINED, "nothing"),
        ("4000000000000127", "without_code"),
        ("4000000000000119", "all"),
    ):
        world.pay(payment, number)
        drawn(screen)
        assert form.told is not None
        assert form.told.card_kept == kept


def test_the_checks_of_the_last_card_are_shown(screen: AppTest, world: World) -> None:
    """What the bank said of the code; of a telephone order only where it was to be one."""
    press(fill(screen))
    with world.desk.store.reading() as session:
        payment = payment_view.view_of(session, session.exec(select(Payment)).one())
    assert "Card checks" not in at_fields(screen)
    world.pay(payment)
    shown = at_fields(drawn(screen))
    for name, words in (
        ("Security code", "Matches"),
        ("Address", "Not given"),
    ):
        assert f"<dt>{name}</dt><dd>{words}</dd>" in shown
    assert "<dt>Risk</dt><dd>Normal" in shown
    assert "Telephone order" not in shown
    object.__setattr__(world.desk, "moto", True)
    assert "<dt>Telephone order</dt><dd>No</dd>" in at_fields(drawn(screen))


def test_the_checks_of_a_declined_card_are_shown_once_its_charge_is_known(
    screen: AppTest, world: World
) -> None:
    """The answer to the confirm does not hold them: an event does, and redraws the screen."""
    press(fill(screen))
    with world.desk.store.reading() as session:
        payment = payment_view.view_of(session, session.exec(select(Payment)).one())
    world.pay(payment, "4000000000000127")
    assert "Card checks" not in at_fields(drawn(screen))
    before = payment_view.last_change(world.desk, payment.payment_id)
    world.clock.advance(seconds=2)
    world.tell()
    assert payment_view.last_change(world.desk, payment.payment_id) != before  # what is watched
    shown = at_fields(drawn(screen))
    assert "<h2>Card checks</h2>" in shown
    assert "<dt>Security code</dt><dd>Doesn&#x27;t match</dd>" in shown


def test_a_new_payment_is_empty_and_has_a_form_of_its_own(
    screen: AppTest, form: PressedForm, world: World
) -> None:
    """Nothing of the last caller stays, the typed card least of all."""
    press(fill(screen))
    assert form.told is not None
    form_id = form.told.form_id
    with world.desk.store.reading() as session:
        payment = payment_view.view_of(session, session.exec(select(Payment)).one())
    world.pay(payment)
    press(drawn(screen), "New payment")
    assert form.told.form_id != form_id
    assert field(screen, "Customer name").value == ""
    assert "My day: <strong>1 payment, £120.00</strong>" in at_fields(screen)


def test_after_a_decline_the_next_caller_is_one_press_away(
    screen: AppTest, form: PressedForm, world: World
) -> None:
    """The payment is given up, at Stripe too; a lost answer keeps nobody waiting, and is said."""
    for number, lost in (("SO-1", False), ("SO-2", True)):
        press(fill(screen, **{"Order reference": number}))
        assert form.told is not None
        declined = form.told.payment_id
        assert "New payment" not in {one.label for one in screen.button}
        world.pay(payment_view.view(world.desk, declined), DECLINED)
        drawn(screen)
        assert "cancels this one" in screen.markdown[0].value
        if lost:
            world.sandbox.faults.add("timeout_before", path="*/cancel", times=2)
        press(screen, "New payment")
        assert form.told.payment_id != declined
        assert field(screen, "Customer name").value == ""
        said = [one.value.replace("\\", "") for one in screen.error]
        assert [one[:80] for one in said] == [
            "Stripe hasn't confirmed yet that the payment for order SO-2 is cancelled. We'll "[:80]
        ] * lost
    assert [one["status"] for one in world.intents()] == ["requires_payment_method", "canceled"]


def test_a_cancelled_order_is_taken_again_without_typing_it(
    screen: AppTest, form: PressedForm, world: World
) -> None:
    """As after a card whose bank asks for the cardholder: the next one is typed at once."""
    press(fill(screen))
    payment = payment_view.view(world.desk, str(screen.query_params["payment"]))
    world.pay(payment, DECLINED)
    cancel_payment(world.desk, AGENT, payment.payment_id)
    press(drawn(screen), "Take this order again")
    assert field(screen, "Order reference").value == ORDER["Order reference"]
    assert form.told is not None
    assert form.told.begins_at_card
    press(screen)
    assert form.told.press_result == "created"

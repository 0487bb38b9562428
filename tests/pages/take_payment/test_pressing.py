"""One press of the pay button, as far as the server has to do with it before there is a card."""

from typing import Any

import pytest
from sqlmodel import select
from streamlit.testing.v1 import AppTest

from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.payment.order import SecondPayment
from cardpay.services.recovery.recover_payment import recover_payment
from cardpay.services.taking import payment_view
from cardpay.services.taking.cancel_payment import cancel_payment
from cardpay.services.taking.create_payment import create_payment
from cardpay.storage.schema.tables import Operation, Payment, Product
from tests.pages.conftest import Drawing
from tests.support.desks.worlds import AGENT, DECLINED, World, draft
from tests.support.screens.pressed_form import PAY, PressedForm

ORDER = {"Customer name": "Customer One", "Order reference": "SO-1"}


@pytest.fixture
def screen(page_of: Drawing, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page of an agent with a new draft."""
    monkeypatch.setattr("components.frame.desk_access.current_actor", lambda: AGENT)
    return drawn(page_of("take_payment.py"))


def drawn(screen: AppTest) -> AppTest:
    """Drawn (again), without a failure."""
    screen.run()
    assert not screen.exception
    return screen


def field(screen: AppTest, label: str) -> Any:
    """A field by its label."""
    fields = (*screen.text_input, *screen.text_area, *screen.selectbox, *screen.number_input)
    return next(one for one in fields if one.label == label)


def press(screen: AppTest, label: str = PAY) -> AppTest:
    """Press a button."""
    next(one for one in screen.button if one.label == label).click()
    return drawn(screen)


def fill(screen: AppTest, **changes: str) -> AppTest:
    """Type a whole order."""
    field(screen, "Product").set_value("consultation")
    for label, text in {**ORDER, **changes}.items():
        field(screen, label).set_value(text)
    return drawn(screen)


def at_fields(screen: AppTest) -> str:
    """What stands at the fields."""
    return "\n".join(element.proto.body for element in screen.get("html"))


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
        assert "Cancels this payment" in screen.markdown[0].value
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


def test_an_order_that_is_locked_has_fields_of_its_own(screen: AppTest, form: PressedForm) -> None:
    """What was being typed when a charge ends would stay in them, and be on no payment."""
    fill(screen)
    labels = ("Product", "Quantity", "Customer name", "Order reference", "Note")
    before = {field(screen, label).key for label in labels}
    press(screen)
    locked = [field(screen, label) for label in labels]
    assert all(one.disabled for one in locked)
    assert not before & {one.key for one in locked}


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


def test_a_held_amount_is_not_let_go_by_changing_the_order(screen: AppTest, world: World) -> None:
    """To cancel it is another button, which asks."""
    payment = world.pay(world.created(hold=True)).payment
    screen.query_params["payment"] = payment.payment_id
    labels = {one.label for one in drawn(screen).button}
    assert "Cancel" in labels
    assert "Change order" not in labels

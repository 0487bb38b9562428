"""Which payment the page "Take payment" is at, and that it always offers a way on."""

from uuid import uuid4

import pytest
from streamlit.testing.v1 import AppTest

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Role
from cardpay.services.after_payment.captures import capture_payment
from cardpay.storage.schema.tables import Product
from components.take_payment.outcome_message import outcome
from tests.pages.conftest import Drawing
from tests.support.desks.other_methods import with_status
from tests.support.desks.worlds import AGENT, SUPERVISOR, World
from tests.support.screens.pressed_form import PressedForm

COLLEAGUE = Actor("agent-2", frozenset({Role.AGENT}), "test")

NEW_ORDER, CANCEL = "Pay", "Cancel"


def seen_by(actor: Actor, page_of: Drawing, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page as somebody sees it, not drawn yet."""
    monkeypatch.setattr("components.frame.desk_access.current_actor", lambda: actor)
    return page_of("take_payment.py")


def drawn(screen: AppTest, payment_id: str | None = None) -> set[str]:
    """The buttons, after a look at the page: by a link, or by the menu, which names no payment."""
    if "payment" in screen.query_params:
        del screen.query_params["payment"]
    if payment_id is not None:
        screen.query_params["payment"] = payment_id
    return redrawn(screen)


def redrawn(screen: AppTest) -> set[str]:
    """The buttons, after another look at the same address."""
    screen.run()
    assert not screen.exception
    return {button.label for button in screen.button}


def test_a_link_that_is_not_theirs_is_not_remembered(
    world: World, page_of: Drawing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are told so, and the page by itself takes the next order."""
    payment = world.created()
    world.clock.advance(hours=30)
    screen = seen_by(COLLEAGUE, page_of, monkeypatch)
    screen.query_params["payment"] = payment.payment_id
    screen.run()
    assert "Payment not found" in screen.warning[0].value
    assert NEW_ORDER in drawn(screen)


@pytest.mark.parametrize("stays", [True, False], ids=["stays on the page", "comes back to it"])
def test_what_is_no_longer_theirs_makes_room(
    world: World, page_of: Drawing, monkeypatch: pytest.MonkeyPatch, stays: bool
) -> None:
    """A colleague's payment is theirs to see for a day; then the next order begins."""
    payment = world.created()
    screen = seen_by(COLLEAGUE, page_of, monkeypatch)
    assert CANCEL in drawn(screen, payment.payment_id)
    world.clock.advance(hours=30)
    assert CANCEL not in (redrawn(screen) if stays else drawn(screen))
    assert payment.payment_id not in screen.query_params["payment"]


def test_what_is_under_way_goes_on_and_what_has_ended_stays_behind(
    world: World, page_of: Drawing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Back from another page; a link still leads to what has ended."""
    payment = world.created()
    screen = seen_by(AGENT, page_of, monkeypatch)
    assert CANCEL in drawn(screen, payment.payment_id)
    assert CANCEL in drawn(screen)
    world.pay(payment)
    assert NEW_ORDER not in drawn(screen, payment.payment_id)
    assert NEW_ORDER in drawn(screen)
    assert CANCEL not in redrawn(screen)


@pytest.mark.parametrize(
    ("amount_minor", "sentence", "receipt"),
    [
        (None, "£120.00 taken from Visa •••• 4242.", "<dt>Amount</dt><dd>£120.00</dd><dt>Paid"),
        (
            5_000,
            "£50.00 taken (of £120.00 held) from Visa •••• 4242.",
            "<dt>Amount</dt><dd>£50.00</dd><dt>Held</dt><dd>£120.00 (£70.00 released)</dd>",
        ),
    ],
    ids=["all of it", "a part"],
)
def test_a_captured_hold_is_told_with_what_was_taken(
    world: World,
    page_of: Drawing,
    monkeypatch: pytest.MonkeyPatch,
    amount_minor: int | None,
    sentence: str,
    receipt: str,
) -> None:
    """Nobody hears that the whole hold was taken, and nobody gets a receipt for it."""
    hold = world.pay(world.created(hold=True)).payment
    before = outcome(hold, world.desk.account.mode)
    assert before is not None
    assert before.say.startswith("£120.00 is reserved on your card. Nothing is charged yet.")
    paid = capture_payment(world.desk, SUPERVISOR, hold.payment_id, amount_minor, str(uuid4()))
    told = outcome(paid, world.desk.account.mode)
    assert told is not None
    assert told.title == sentence
    screen = seen_by(AGENT, page_of, monkeypatch)
    drawn(screen, hold.payment_id)
    assert receipt in "".join(element.proto.body for element in screen.get("html"))


TYPED = {
    "Customer name": "Customer One",
    "Customer email": "customer.one@example.com",
    "Customer phone": "020 7946 0000",
    "Order reference": "SO-2",
}
NOTE = "Ring after six"


def create(screen: AppTest, product: str) -> None:
    """Type an order and press the button."""
    screen.selectbox[0].select(product)
    for label, text in TYPED.items():
        next(field for field in screen.text_input if field.label == label).input(text)
    screen.text_area[0].input(NOTE)
    redrawn(screen)
    next(button for button in screen.button if button.label == NEW_ORDER).click()
    redrawn(screen)


def held(screen: AppTest) -> tuple[str | None, dict[str, str], str]:
    """What the fields hold."""
    texts = {field.label: str(field.value) for field in screen.text_input}
    return screen.selectbox[0].value, texts, str(screen.text_area[0].value)


def assert_not_created(form: PressedForm, why: str) -> None:
    """It is told where outcomes are, with what to say to the caller."""
    assert form.told is not None
    assert form.told.outcome is not None
    told = form.told.outcome
    assert (told.label, told.title) == ("Not charged", why)
    assert told.lines == ("No card was sent, so nothing was charged.",)
    assert told.say == "I can't take the payment just now. Nothing was charged."


def test_what_stripe_refused_is_told_and_stays_typed(
    world: World, page_of: Drawing, form: PressedForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also after a reload, which empties the session; and the next caller is one click away."""
    with world.desk.store.transaction() as session:
        product = session.get_one(Product, "consultation")
        product.unit_amount_minor = 10
    screen = seen_by(AGENT, page_of, monkeypatch)
    drawn(screen)
    create(screen, "consultation")
    why = "Stripe refused the payment: Amount must be at least £0.30 gbp."
    assert_not_created(form, why)
    reloaded = seen_by(AGENT, page_of, monkeypatch)
    buttons = drawn(reloaded, str(screen.query_params["payment"]))
    assert_not_created(form, why)
    for shown in (screen, reloaded):
        assert held(shown) == ("consultation", TYPED, NOTE)
    assert {NEW_ORDER, "New payment"} <= buttons
    next(button for button in reloaded.button if button.label == "New payment").click()
    redrawn(reloaded)
    assert form.told is not None
    assert form.told.outcome is None
    assert not any(held(reloaded)[1].values())


def test_what_was_never_made_is_told_and_stays_typed(
    world: World, page_of: Drawing, form: PressedForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No answer, and Stripe shows none: the order comes back by itself, with a word of why."""
    world.sandbox.faults.add("timeout_before", path="/v1/payment_intents", times=2)
    screen = seen_by(AGENT, page_of, monkeypatch)
    drawn(screen)
    create(screen, "consultation")
    assert not screen.error
    assert form.told is not None
    assert form.told.outcome is not None
    assert form.told.outcome.label == "Not charged"
    assert "No card was sent, so nothing was charged." in form.told.outcome.title
    assert (form.told.phase, form.told.press_result) == ("ready", "refused")
    world.clock.advance(minutes=3)
    redrawn(screen)
    assert_not_created(form, "Stripe didn't respond (no reply), so no payment was created.")
    assert held(screen) == ("consultation", TYPED, NOTE)
    drawn(screen)  # by the menu: what was under way goes on
    assert held(screen) == ("consultation", TYPED, NOTE)
    next(button for button in screen.button if button.label == NEW_ORDER).click()
    assert CANCEL in redrawn(screen)
    assert not screen.error
    assert len(world.intents()) == 1


@pytest.mark.parametrize(
    ("status", "waits_for", "sentence"),
    [
        pytest.param(
            "requires_action",
            {"type": "oxxo_display_details"},
            "Waiting for the customer to pay an OXXO voucher.",
            id="awaits something else than a card",
        ),
        pytest.param(
            "requires_funding",
            None,
            "a status that this version doesn't know: requires_funding.",
            id="a status of tomorrow",
        ),
    ],
)
def test_a_link_to_what_no_card_helps(
    world: World,
    page_of: Drawing,
    form: PressedForm,
    monkeypatch: pytest.MonkeyPatch,
    status: str,
    waits_for: dict[str, str] | None,
    sentence: str,
) -> None:
    """The page opens and says what it is, without a card form."""
    payment_id = with_status(world, status, next_action=waits_for)
    screen = seen_by(AGENT, page_of, monkeypatch)
    drawn(screen, payment_id)
    told = "".join(box.value for box in (*screen.info, *screen.warning)).replace("\\", "")
    assert sentence in told
    assert form.told is None

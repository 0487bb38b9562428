"""Refund, capture and cancel on a payment's own page: who may, what is said, and how it ends."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from streamlit.testing.v1 import AppTest

from cardpay.domain.access.actor import Actor
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.services.after_payment.captures import capture_payment
from tests.pages.conftest import Drawing
from tests.support.desks.worlds import ADMIN, AGENT, ANALYST, SUPERVISOR, World
from tests.support.screens.payment_action_screens import (
    CANCEL,
    CAPTURE,
    REFUND,
    buttons,
    opened,
    press,
    told,
    typed,
    written,
)

BOTH_TRIES = 2  # the SDK sends a write twice before it gives up
PENDING = "4000000000007726"


def unpaid(world: World) -> str:
    """A payment that waits for a card."""
    return world.created().payment_id


def paid(world: World) -> str:
    """£120 taken."""
    return world.pay(world.created()).payment.payment_id


def held(world: World) -> str:
    """£120 authorised."""
    return world.pay(world.created(hold=True)).payment.payment_id


@pytest.fixture
def screen(page_of: Drawing, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page as a supervisor sees it."""
    return seen_by(SUPERVISOR, page_of, monkeypatch)


def seen_by(actor: Actor, page_of: Drawing, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page as somebody sees it, not drawn yet."""
    monkeypatch.setattr("components.frame.desk_access.current_actor", lambda: actor)
    return page_of("payment.py")


@pytest.mark.parametrize(
    ("actor", "expected"),
    [
        pytest.param(ANALYST, ({}, {}, {}), id="analyst"),
        pytest.param(AGENT, ({CANCEL}, {}, {CANCEL}), id="agent"),
        pytest.param(SUPERVISOR, ({CANCEL}, {REFUND}, {CAPTURE, CANCEL}), id="supervisor"),
        pytest.param(ADMIN, ({}, {}, {}), id="admin"),
    ],
)
@pytest.mark.parametrize(
    ("state", "make"), [(0, unpaid), (1, paid), (2, held)], ids=["unpaid", "paid", "held"]
)
def test_each_sees_what_is_theirs(
    world: World,
    page_of: Drawing,
    monkeypatch: pytest.MonkeyPatch,
    actor: Actor,
    expected: tuple[set[str], ...],
    state: int,
    make: Callable[[World], str],
) -> None:
    """As the table of permissions and the payment's state have it; nothing that cannot be done."""
    screen = opened(seen_by(actor, page_of, monkeypatch), make(world))
    assert buttons(screen) == set(expected[state])


def test_all_of_it_goes_back(world: World, screen: AppTest) -> None:
    """The amount and the card are named before, and afterwards nothing is left to give."""
    press(opened(screen, paid(world)), "Refund")
    assert "Refund £120.00 to Visa •••• 4242?" in "\n".join(
        one.value.replace("\\", "") for one in screen.markdown
    )
    assert [one.value for one in screen.selectbox] == ["requested_by_customer"]
    press(screen, REFUND)
    assert told(screen) == "Refunded £120.00 to Visa •••• 4242. It takes 5–10 days."
    assert [row["amount"] for row in world.refunds()] == [12_000]
    assert buttons(screen) == set()


def test_in_parts(world: World, screen: AppTest) -> None:
    """The next form begins with what is left, and is another submission."""
    opened(screen, paid(world))
    press(typed(screen, "19.99"), "Refund £19.99")
    assert buttons(screen) == {"Refund £100.01"}
    press(typed(screen, "0.01"), "Refund £0.01")
    assert buttons(screen) == {"Refund £100.00"}
    assert [row["amount"] for row in world.refunds()] == [1, 1_999]


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ("", "Amount must be a number"),
        ("12,50", "must be a number, like 1250.50"),
        ("-1", "Amount must be a number"),
        ("1e2", "Amount must be a number"),
        ("0", "Amount must be more than zero"),
        ("0.001", "Amount in GBP must have 2 decimal places or fewer"),
        ("120.01", "Amount must be £120.00 or less"),
        ("4242424242424242", "looked like a card number"),
    ],
)
def test_an_amount_that_cannot_be(
    world: World, screen: AppTest, amount: str, sentence: str
) -> None:
    """Said below the field, and there is no button for it."""
    typed(opened(screen, paid(world)), amount)
    assert sentence in told(screen)
    assert buttons(screen) == set()
    assert "4242424242424242" not in repr(screen.session_state)


@pytest.mark.parametrize(
    ("product_id", "begins", "part", "label", "minor"),
    [
        ("seat", "18000", "500", "Refund JP¥500", 500),
        ("inspection", "45.500", "1.25", "Refund KWD\u00a01.250", 1_250),
    ],
    ids=["no decimals", "three decimals"],
)
def test_each_currency_in_its_own_decimals(
    world: World, screen: AppTest, product_id: str, begins: str, part: str, label: str, minor: int
) -> None:
    """By Stripe's table."""
    payment = world.pay(world.created(product_id=product_id)).payment
    press(opened(screen, payment.payment_id), "Refund")
    assert [one.value for one in screen.text_input if one.label.startswith("Amount")] == [begins]
    press(typed(screen, part), label)
    assert [row["amount"] for row in world.refunds()] == [minor]


def test_a_refund_without_an_answer_comes_to_its_end(world: World, screen: AppTest) -> None:
    """Meanwhile the screen says so, and offers no second one; then it shows how it ended."""
    payment_id = paid(world)
    world.sandbox.faults.add("timeout_after", path="/v1/refunds", times=BOTH_TRIES)
    press(opened(screen, payment_id), REFUND)
    assert "Refund of £120.00: Checking with Stripe" in told(screen)
    assert buttons(screen) == set()
    world.clock.advance(minutes=1)
    screen.run()
    assert not screen.exception
    assert told(screen) == "Refunded £120.00 to Visa •••• 4242. It takes 5–10 days."
    assert len(world.refunds()) == 1


def test_a_refund_that_never_happened_waits_for_a_person(world: World, screen: AppTest) -> None:
    """Whoever looks at the payment is sent to Needs review."""
    payment_id = paid(world)
    world.sandbox.faults.add("timeout_before", path="/v1/refunds", times=BOTH_TRIES)
    press(opened(screen, payment_id), REFUND)
    for _ in range(2):
        world.clock.advance(minutes=3)
        screen.run()
    assert not screen.exception
    assert "Decide on Needs review." in told(screen)
    assert world.refunds() == []


def test_stripe_refuses(world: World, screen: AppTest) -> None:
    """Somebody gave it back elsewhere: the sentence says why, and that no money moved."""
    payment = world.pay(world.created()).payment
    opened(screen, payment.payment_id)
    world.refund_elsewhere(payment, 11_000)
    press(screen, REFUND)
    assert "Stripe refused the refund. No money has moved." in told(screen)
    assert "unrefunded amount" in told(screen)


def test_a_refund_that_is_on_its_way(world: World, screen: AppTest) -> None:
    """Stripe has it, the bank not yet."""
    payment = world.pay(world.created(), PENDING).payment
    press(opened(screen, payment.payment_id), REFUND)
    assert "Refund of £120.00 to Visa •••• 7726 is pending." in told(screen)


def test_a_colleague_was_faster(world: World, screen: AppTest) -> None:
    """The form on screen is old: refused, with what is true now."""
    payment_id = held(world)
    press(opened(screen, payment_id), "Capture")
    capture_payment(world.desk, SUPERVISOR, payment_id, None, str(uuid4()))
    press(screen, CAPTURE)
    assert told(screen) == "This payment is already paid, so it can't be captured."


def test_part_of_a_hold(world: World, screen: AppTest) -> None:
    """What is not taken is said to be released."""
    opened(screen, held(world))
    typed(screen, "40")
    words = "\n".join(one.value for one in screen.markdown).replace("\\", "")
    assert (
        "Capture £40.00 of £120.00 from Visa •••• 4242? You can only do this once. "
        "The rest, £80.00, is released." in words
    )
    press(screen, "Capture £40.00")
    assert (
        "Captured £40.00 of £120.00 from Visa •••• 4242. The rest, £80.00, was released."
        in told(screen)
    )
    assert buttons(screen) == {"Refund £40.00"}
    facts = written(screen)
    assert "<dt>Paid</dt><dd><div class='v'><span class='amt'>£40.00<i>GBP</i>" in facts
    assert "Of £120.00 held, £80.00 released" in facts
    assert "<dt>Refunded</dt><dd><div class='v'><span class='amt'>£0.00<i>GBP</i>" in facts


def test_a_hold_that_has_run_out(world: World, screen: AppTest) -> None:
    """It can only be cancelled."""
    payment_id = held(world)
    world.clock.advance(days=8)
    opened(screen, payment_id)
    assert "The hold on the card has expired" in told(screen)
    assert buttons(screen) == {CANCEL}


def test_an_agent_gives_up_an_unpaid_payment(
    world: World, page_of: Drawing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing can be charged on it any more, and the order is free."""
    payment = world.created()
    screen = opened(seen_by(AGENT, page_of, monkeypatch), payment.payment_id)
    press(screen, CANCEL)
    assert "This payment was cancelled." in told(screen)
    assert world.now_is(payment).display is DisplayStatus.CANCELLED
    assert buttons(screen) == set()


@pytest.mark.parametrize(
    ("make", "button"), [(paid, REFUND), (held, CAPTURE)], ids=["refund", "capture"]
)
def test_no_other_amount_than_the_button_said(
    world: World, screen: AppTest, make: Callable[[World], str], button: str
) -> None:
    """A quick press comes with an amount that no button has shown yet: nothing is done with it."""
    first = button.partition(" ")[0]
    press(opened(screen, make(world)), first)
    next(one for one in screen.text_input if one.label == "Amount in GBP").set_value("20")
    press(screen, button)
    assert f"The button still said {button}, so nothing was done." in told(screen)
    assert world.refunds() == []
    assert [one["amount_captured"] for one in world.successful_charges()] in ([12_000], [0])
    press(screen, f"{first} £20.00")
    moved = world.refunds() or world.successful_charges()
    assert [one.get("amount_captured", one["amount"]) for one in moved] == [2_000]


def test_no_other_reason_than_was_on_screen(world: World, screen: AppTest) -> None:
    """Chosen in the same moment as the press: it comes with the next one."""
    press(opened(screen, paid(world)), "Refund")
    screen.selectbox[0].set_value("duplicate")
    press(screen, REFUND)
    assert world.refunds() == []
    press(screen, REFUND)
    assert [one["reason"] for one in world.refunds()] == ["duplicate"]

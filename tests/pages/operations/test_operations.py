"""The Operations page, drawn without a browser: each state of each panel, and every decision."""

import threading
from collections.abc import Mapping

import pytest
from sqlmodel import select
from streamlit.testing.v1 import AppTest

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Role
from cardpay.domain.stripe_facts.events import WAITING, EventState
from cardpay.services.after_payment.refunds import refund_payment
from cardpay.services.recovery import recover_payment
from cardpay.services.webhooks.receive_event import receive_event
from cardpay.storage.schema.tables import StripeEvent, StripeReads
from cardpay.storage.webhooks import event_queue
from components.operations import background_threads
from components.operations.background_threads import Progress, Tell
from tests.pages.conftest import Drawing
from tests.support.desks.worlds import ADMIN, SUPERVISOR, World
from tests.support.processes.waiting import PATIENCE_SECONDS

PART = 2_000
SECRET = "whsec_pagesTests0001"


@pytest.fixture
def screen(operations: AppTest) -> AppTest:
    """The page of an empty desk."""
    return operations


def drawn(screen: AppTest) -> AppTest:
    """Drawn (again), without an error."""
    screen.run()
    assert not screen.exception
    return screen


def words(screen: AppTest) -> str:
    """All that is written on it, without the signs that keep it from being Markdown."""
    written = "\n".join(
        str(element.value)
        for kind in ("markdown", "text", "caption", "success", "warning", "error", "info")
        for element in getattr(screen, kind)
    )
    return written.replace("\\", "")


def press(screen: AppTest, label: str) -> AppTest:
    """Press a button by its label."""
    found = [button for button in screen.button if button.label == label]
    assert found, [button.label for button in screen.button]
    found[0].click()
    return drawn(screen)


def ended(screen: AppTest, name: str) -> AppTest:
    """The page once long work has come to its end."""
    for thread in threading.enumerate():
        if thread.name == name:
            thread.join(PATIENCE_SECONDS)
    return drawn(screen)


def a_refund_that_waits(world: World) -> str:
    """Asked for, never answered, not done, and looked for until it waits; the payment's id."""
    payment = world.pay(world.created(order_reference="SO-9")).payment
    world.sandbox.faults.add("timeout_before", path="/v1/refunds", times=2)
    refund_payment(
        world.desk, SUPERVISOR, payment.payment_id, PART, "requested_by_customer", "press-1"
    )
    for _ in range(2):
        world.clock.advance(minutes=3)
        recover_payment.recover_payment(world.desk, payment.payment_id, page_is_watched=False)
    return payment.payment_id


def an_event_that_failed(world: World) -> None:
    """Of a PaymentIntent that Stripe could not be asked about."""
    taken = []

    def deliver(_url: str, headers: Mapping[str, str], body: bytes) -> int:
        receive_event(world.desk, SECRET, body, headers["Stripe-Signature"])
        taken.append(body)
        return 200

    world.sandbox.webhooks.add_endpoint("https://desk.test", SECRET, deliver)
    world.created()
    world.sandbox.webhooks.drain()
    assert taken
    with world.desk.store.transaction() as session:
        now = world.clock.now()
        for event in event_queue.claim_due(session, WAITING, now, now, 10):
            event_queue.note_failure(
                session, event.id, EventState.FAILED, "Stripe could not be asked (no reply).", now
            )


def test_what_a_list_brought_can_be_tried_again(world: World, screen: AppTest) -> None:
    """Also where no webhook has ever come, and only reconciliation finds events."""
    an_event_that_failed(world)
    with world.desk.store.transaction() as session:
        for event in session.exec(select(StripeEvent)):
            event.listed = True
            session.add(event)
    told = words(drawn(screen))
    assert "Webhooks are off" in told
    assert "Stripe could not be asked" in told
    assert any(button.label == "Retry" for button in screen.button)


def test_a_new_desk_says_what_is_normal(screen: AppTest) -> None:
    """Each panel in a sentence, none of them an error."""
    told = words(drawn(screen))
    for expected in (
        "Nothing to review",
        "Webhooks are off",
        "STRIPE_WEBHOOK_SECRET",
        "Not run yet",
    ):
        assert expected in told
    assert not screen.error


def test_a_refund_without_an_answer_is_tried_again(world: World, screen: AppTest) -> None:
    """What it does with money is said before; afterwards it is done once, and nothing waits."""
    a_refund_that_waits(world)
    assert "1 to review" in words(drawn(screen))
    assert "refund £20.00 to the customer's card" in words(press(screen, "Retry"))
    told = words(press(screen, "Retry now"))
    assert "Stripe answered" in told
    assert "Nothing to review" in told
    assert [refund["amount"] for refund in world.refunds()] == [PART]


def test_it_is_decided_on_needs_review_too(
    world: World, page_of: Drawing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the badge in the header leads to."""
    monkeypatch.setattr("components.frame.desk_access.current_actor", lambda: SUPERVISOR)
    screen = page_of("needs_review.py")
    assert "Dismiss" not in {one.label for one in drawn(screen).button}
    a_refund_that_waits(world)
    assert "Refund of £20.00" in words(drawn(screen))
    assert "Stripe answered" in words(press(press(screen, "Retry"), "Retry now"))
    assert [refund["amount"] for refund in world.refunds()] == [PART]


def test_no_answer_again_is_told(world: World, screen: AppTest) -> None:
    """It waits on, and nobody is told that it is done."""
    a_refund_that_waits(world)
    drawn(screen)
    world.sandbox.faults.add("timeout_before", path="/v1/refunds", method="POST", times=2)
    told = words(press(press(screen, "Retry"), "Retry now"))
    assert "Stripe isn't responding. This still needs review." in told
    assert "Stripe answered" not in told
    assert world.refunds() == []


def test_a_refund_is_given_up(world: World, screen: AppTest) -> None:
    """No money goes back, and nothing waits."""
    a_refund_that_waits(world)
    drawn(screen)
    told = words(press(press(screen, "Dismiss"), "Dismiss now"))
    assert "no longer needs review" in told
    assert "Nothing to review" in told
    assert world.refunds() == []


def test_a_failed_event_is_tried_again(world: World, screen: AppTest) -> None:
    """With its reason before, and applied after."""
    an_event_that_failed(world)
    told = words(drawn(screen))
    assert "Stripe could not be asked (no reply)." in told
    assert "1 failed" in told
    told = words(press(screen, "Retry"))
    assert ": applied." in told
    assert "1 failed" not in told


def test_the_budget_is_told(world: World, screen: AppTest) -> None:
    """What is used of the month's reads, and that it is used up."""
    now = world.clock.now()
    with world.desk.store.transaction() as session:
        session.add(
            StripeReads(
                stripe_account_id=world.desk.account.stripe_account_id,
                livemode=False,
                month=f"{now:%Y-%m}",
                reads=world.desk.read_budget + 5,
            )
        )
    told = words(drawn(screen))
    assert "Used up" in told


def test_what_was_compared_stays_on_the_page(world: World, screen: AppTest) -> None:
    """A payment made while nobody listened is found, and listed."""
    world.elsewhere()
    world.clock.advance(minutes=5)
    drawn(screen)
    press(screen, "Reconcile now")
    told = words(ended(screen, "reconciliation"))
    assert "Reconciliation finished" in told
    assert "not here" in screen.dataframe[0].value["Ours"].tolist()


def test_the_past_is_imported(world: World, screen: AppTest) -> None:
    """From the beginning, with what it came to; the payment is here then."""
    world.elsewhere()
    world.clock.advance(minutes=5)
    drawn(screen)
    press(screen, "Import history")
    told = words(ended(screen, "import"))
    assert "Import finished: 3 objects in total." in told
    assert "Done" in told


@pytest.mark.parametrize(
    ("label", "name"),
    [
        pytest.param("Reconcile now", "reconciliation", id="reconcile"),
        pytest.param("Import history", "import", id="import"),
    ],
)
def test_a_second_click_starts_nothing(screen: AppTest, label: str, name: str) -> None:
    """It says that it is running, and how far it is."""
    let_go = threading.Event()

    def work(tell: Tell) -> str:
        tell(Progress(0.5, "Half of it"))
        assert let_go.wait(PATIENCE_SECONDS)
        return "The first click's work has ended."

    assert background_threads.WORK.start(name, work)
    press(drawn(screen), label)
    assert "Already running" in words(screen)
    assert "Running" in words(screen)
    assert "another process" not in words(screen)
    let_go.set()
    told = words(ended(screen, name))
    assert "The first click's work has ended." in told
    assert "Already running" not in told


def test_a_failure_of_long_work_is_told(world: World, screen: AppTest) -> None:
    """Why it stopped, and what to do; no card was sent, so nothing is said of money."""
    drawn(screen)
    world.sandbox.faults.add("drop_before", method="GET", times=50)
    press(screen, "Reconcile now")
    ended(screen, "reconciliation")
    told = screen.error[0].value.replace("\\", "")
    assert "because Stripe isn't responding" in told
    assert "Start it again." in told
    assert "money" not in told
    assert "Stopped" in words(screen)


def test_who_may_not_decide_sees_what_waits(
    world: World, screen: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An administrator looks after the desk; money is a supervisor's."""
    a_refund_that_waits(world)
    monkeypatch.setattr("components.frame.desk_access.current_actor", lambda: ADMIN)
    told = words(drawn(screen))
    assert "Ask a supervisor to decide." in told
    assert not {"Retry now", "Dismiss now"} & {button.label for button in screen.button}


def test_who_may_not_use_it_sees_nothing(screen: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page ends with its first line."""
    monkeypatch.setattr(
        "components.frame.desk_access.current_actor",
        lambda: Actor("n", frozenset({Role.AGENT}), "test"),
    )
    drawn(screen)
    assert "have access to the page Operations" in screen.error[0].value
    assert not screen.subheader

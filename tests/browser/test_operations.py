"""Operations in a browser: long work goes on by itself, and a person's decisions take effect."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlmodel import select

from cardpay.domain.stripe_account import Mode, StripeAccount
from cardpay.domain.stripe_facts.events import EventState
from cardpay.gateway.stripe_gateway import StripeGateway
from cardpay.services.after_payment.refunds import refund_payment
from cardpay.services.desk import Desk
from cardpay.services.recovery import recover_payment
from cardpay.services.taking import payment_view
from cardpay.storage.database.engine import Store, connect
from cardpay.storage.schema.tables import Desk as DeskRow
from cardpay.storage.schema.tables import Reconciliation, StripeEvent
from tests.support.desks.worlds import AUDIT_KEYS, SUPERVISOR
from tests.support.processes.servers import SECRET_KEY, Server, StripeServer
from tests.support.screens.take_payment_screen import TakePayment

PART = 2_000


@pytest.fixture
def behind(desk: Server, stripe: StripeServer) -> Iterator[Desk]:
    """The running desk's database and Stripe, in this process and some minutes ahead."""
    store = Store(connect(f"sqlite:///{desk.folder / 'desk.db'}"), AUDIT_KEYS)
    with store.reading() as session:
        account = session.exec(select(DeskRow)).one().stripe_account_id
    ahead = iter(range(10_000))
    yield Desk(
        store,
        StripeGateway(SECRET_KEY, api_base=stripe.url),
        StripeAccount(Mode.TEST, account, livemode=False),
        moto=False,
        now=lambda: datetime.now(UTC) + timedelta(minutes=next(ahead)),
    )
    store.close()


def operations(page: Page, server: Server) -> Page:
    """The page, drawn."""
    page.goto(f"{server.url}/operations")
    page.get_by_role("button", name="Reconcile now").wait_for()
    return page


def told(page: Page, words: str) -> Locator:
    """What a screen reader announces, among other things."""
    return page.get_by_role("status").filter(has_text=words)


def paid(page: Page, server: Server) -> tuple[str, str]:
    """A payment taken on the screen: its id and its order reference."""
    screen = TakePayment(page, server.url).open()
    reference = screen.fill_order()
    screen.pay()
    screen.expect_status("Succeeded")
    return page.url.rsplit("payment=", 1)[1], reference


def runs(behind: Desk) -> list[Reconciliation]:
    """Every comparison so far."""
    with behind.store.reading() as session:
        return list(session.exec(select(Reconciliation)))


def test_a_comparison_ends_and_says_so(page: Page, demo: Server) -> None:
    """By itself: nobody reloads."""
    operations(page, demo)
    page.get_by_role("button", name="Reconcile now").click()
    expect(told(page, "Reconciliation finished")).to_be_visible()


@pytest.mark.full
def test_the_past_is_imported_while_one_looks_elsewhere(
    page: Page, desk: Server, stripe: StripeServer
) -> None:
    """The page may be left; whoever comes back is told how it ended."""
    operations(page, desk)
    with stripe.slow("GET", "/v1/refunds"):
        page.get_by_role("button", name="Import history").click()
        page.get_by_role("link", name="Payments").click()
        page.get_by_role("heading", name="Payments").wait_for()
        stripe.wait_until_faults_are_used()
    page.get_by_role("link", name="Operations").click()
    expect(told(page, "Import finished")).to_be_visible()


@pytest.mark.full
def test_a_double_click_is_one_comparison(
    page: Page, desk: Server, stripe: StripeServer, behind: Desk
) -> None:
    """And a second tab sees that it is running."""
    operations(page, desk)
    expect(page.get_by_text("Last run").first).to_be_visible()  # the one at the start of the app
    before = len(runs(behind))
    other = operations(page.context.new_page(), desk)
    with stripe.slow("GET", "/v1/refunds"):
        page.get_by_role("button", name="Reconcile now").dblclick()
        stripe.wait_until_faults_are_used()
        other.reload()
        expect(other.get_by_text("Running")).to_be_visible()
    expect(told(page, "Reconciliation finished")).to_be_visible()
    assert len(runs(behind)) == before + 1


@pytest.mark.full
def test_a_failed_event_is_tried_again(page: Page, desk: Server, behind: Desk) -> None:
    """Its reason is there, and is gone once it was applied."""
    payment_id, reference = paid(page, desk)
    intent_id = payment_view.view(behind, payment_id).payment_intent_id
    with behind.store.transaction() as session:
        session.add(
            StripeEvent(
                stripe_account_id=behind.account.stripe_account_id,
                livemode=False,
                stripe_event_id=f"evt_{uuid4().hex}",
                type="payment_intent.succeeded",
                api_version="2020-01-01",
                object_id=intent_id,
                stripe_payment_intent_id=intent_id,
                state=EventState.FAILED,
                tries=3,
                problem="Stripe could not be asked (no reply).",
                created_at=datetime.now(UTC),
                received_at=datetime.now(UTC),
                next_try_at=datetime.now(UTC) + timedelta(hours=6),
            )
        )
    operations(page, desk)
    expect(page.get_by_text(f"Order {reference}")).to_be_visible()
    page.get_by_role("button", name="Retry").click()
    expect(told(page, "payment_intent.succeeded: applied.")).to_be_visible()
    expect(page.get_by_text(f"Order {reference}")).to_have_count(0)


@pytest.mark.full
def test_a_refund_that_waits_is_tried_again(
    page: Page, desk: Server, stripe: StripeServer, behind: Desk
) -> None:
    """In two steps; the money goes back once, however often the button is pressed."""
    payment_id, reference = paid(page, desk)
    stripe.post(
        "/_control/faults",
        {"kind": "error_500", "method": "POST", "path": "/v1/refunds", "times": 2},
    )
    refund_payment(behind, SUPERVISOR, payment_id, PART, "duplicate", str(uuid4()))
    for _ in range(12):
        recover_payment.recover_payment(behind, payment_id, page_is_watched=False)
    operations(page, desk)
    expect(page.get_by_text(f"Refund of £20.00 · Order {reference}")).to_be_visible()
    page.get_by_role("button", name="Retry").click()
    expect(page.get_by_text("to the customer's card")).to_be_visible()
    page.get_by_role("button", name="Retry now").dblclick()
    expect(page.get_by_text("Nothing to review")).to_be_visible()
    page.goto(f"{desk.url}/payment?payment={payment_id}")
    expect(page.get_by_text("Refund of £20.00: succeeded")).to_have_count(1)

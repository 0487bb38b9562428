"""A wrong click never charges twice: the database decides, not the button."""

import os
import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.processes.servers import Server, StripeServer
from tests.support.screens.take_payment_screen import TakePayment, new_reference

# For a release there are twenty runs of each.
RUNS = range(int(os.environ.get("CARDPAY_TEST_RUNS", "1")))


def one_of_each(stripe: StripeServer, reference: str) -> None:
    """One PaymentIntent and one successful Charge for the order."""
    assert len(stripe.intents(reference)) == 1
    assert len(stripe.charges(reference)) == 1


@pytest.mark.parametrize(
    "clicks",
    [pytest.param(2, id="double"), pytest.param(3, id="triple", marks=pytest.mark.full)],
)
def test_several_clicks(page: Page, desk: Server, stripe: StripeServer, clicks: int) -> None:
    """From all at once to a tenth of a second apart."""
    screen = TakePayment(page, desk.url).open()
    for run in RUNS:
        reference = screen.fill_order()
        screen.fill_card()
        screen.pay_button.click(click_count=clicks, delay=run * 5)
        screen.expect_status("Succeeded")
        one_of_each(stripe, reference)
        screen.new_payment()


@pytest.mark.full
def test_one_draft_in_two_tabs(page: Page, desk: Server, stripe: StripeServer) -> None:
    """Both tabs fill in the same draft, and both are pressed."""
    first = TakePayment(page, desk.url).open()
    other = page.context.new_page()
    for _ in RUNS:
        reference = first.fill_order()
        second = TakePayment(other, page.url).open()
        second.fill_order(reference)
        first.fill_card()
        second.fill_card()
        first.pay_button.click(no_wait_after=True)
        second.press_if_there(second.pay_button)
        first.expect_status("Succeeded")
        second.expect_status("Succeeded")
        one_of_each(stripe, reference)
        first.new_payment()


@pytest.mark.full
def test_one_order_reference_by_two_people(
    browser: Browser, desk: Server, stripe: StripeServer
) -> None:
    """Two people take the same order at once: one is told who was first."""
    people = [TakePayment(browser.new_context().new_page(), desk.url) for _ in range(2)]
    for person in people:
        person.open()
        person.fill_order()
    for _ in RUNS:
        reference = new_reference()
        for person in people:
            person.fill_reference(reference)
            person.fill_card()
        for person in people:
            person.pay_button.click(no_wait_after=True)
        refusals = [was_refused(person, reference) for person in people]
        assert sorted(refusals) == [False, True]
        expect(people[refusals.index(True)].card_number).not_to_have_value("")
        taking = people[refusals.index(False)]
        taking.expect_status("Succeeded")
        one_of_each(stripe, reference)
        taking.new_payment()
        taking.fill_order()
    for person in people:
        person.page.context.close()


def was_refused(person: TakePayment, reference: str) -> bool:
    """Whether this person is told that somebody else has taken the order."""
    # Beside it may stand that the same customer has already paid, which names the order too.
    told = person.page.get_by_role("alert").filter(has_text=re.compile(f"^Order {reference} "))
    told.or_(person.status.get_by_text("Succeeded")).first.wait_for()
    return told.is_visible()


@pytest.mark.full
def test_a_reload_in_mid_confirm_comes_back_to_the_truth(
    page: Page, desk: Server, stripe: StripeServer
) -> None:
    """The address and the stored operation bring the outcome to the new screen."""
    screen = TakePayment(page, desk.url).open()
    reference = screen.fill_order()
    screen.fill_card()
    page.on("dialog", lambda dialog: dialog.accept())
    with stripe.slow("POST", "*/confirm"):
        screen.pay_button.click()
        stripe.wait_until_faults_are_used()
        screen.reopen()
    screen.expect_status("Succeeded")
    one_of_each(stripe, reference)


@pytest.mark.full
def test_back_after_success_charges_nothing(
    page: Page, desk: Server, stripe: StripeServer
) -> None:
    """The browser's Back shows the payment as it is."""
    screen = TakePayment(page, desk.url).open()
    reference = screen.fill_order()
    screen.pay()
    screen.expect_status("Succeeded")
    screen.new_payment()
    page.go_back()
    screen.expect_status("Succeeded")
    one_of_each(stripe, reference)


def test_a_timeout_shows_checking_and_then_the_truth(
    page: Page, desk: Server, stripe: StripeServer
) -> None:
    """Unknown is a state, and it ends by itself."""
    screen = TakePayment(page, desk.url).open()
    reference = screen.fill_order()
    stripe.post("/_control/faults", {"kind": "drop_after", "path": "*/confirm", "times": 2})
    screen.fill_card()
    screen.pay_button.click()
    screen.expect_status("Checking with Stripe")
    screen.expect_status("Succeeded")
    one_of_each(stripe, reference)


def test_a_good_card_takes_two_calls_and_a_challenge_one_more(
    page: Page, desk: Server, stripe: StripeServer
) -> None:
    """What the server asks of Stripe, counted at Stripe."""
    screen = TakePayment(page, desk.url).open()
    stripe.delete("/_control/requests")
    screen.fill_order()
    screen.pay()
    screen.expect_status("Succeeded")
    assert [call.split("/")[-1] for call in stripe.server_calls()] == [
        "payment_intents",
        "confirm",
    ]
    screen.new_payment()
    stripe.delete("/_control/requests")
    screen.fill_order()
    screen.pay("4000002500003155")
    screen.answer_challenge("Complete")
    screen.expect_status("Succeeded")
    assert [call.split(" ")[0] for call in stripe.server_calls()] == ["POST", "POST", "GET"]

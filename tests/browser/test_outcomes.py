"""Every outcome that Stripe can give, in Chromium against the demo as a stranger starts it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.processes.servers import Server
from tests.support.screens.take_payment_screen import VISA, TakePayment

CHALLENGE = "4000002500003155"
for_a_release = pytest.mark.full


@pytest.fixture
def screen(page: Page, demo: Server) -> TakePayment:
    """A new draft."""
    return TakePayment(page, demo.url).open()


def in_payments(screen: TakePayment, reference: str, status: str) -> None:
    """The payment is found in Payments, with its status."""
    screen.page.goto(f"{screen.url}/payments")
    search = screen.page.get_by_role("textbox", name="Search")
    search.fill(reference)
    search.press("Enter")
    row = screen.page.get_by_role("row").filter(has_text=reference)
    expect(row).to_contain_text(status)


def test_a_good_card_succeeds_and_leaves_nothing_in_the_form(screen: TakePayment) -> None:
    """What was taken, then an empty form for the next caller."""
    reference = screen.fill_order()
    screen.pay()
    screen.expect_status("Succeeded", "£120.00")
    expect(screen.page.locator("dt", has_text="Taken by")).to_be_visible()
    screen.new_payment()
    expect(screen.page.get_by_label("Customer name")).to_have_value("")
    expect(screen.page.get_by_label("Order reference")).to_have_value("")
    in_payments(screen, reference, "Succeeded")


# The code alone is typed again, or the same card is tried once more.
NUMBER_KEPT = {"4000000000000127", "4000000000000119"}


# Before a merge one of each table here is seen on the screen: the tables themselves are proved
# without a browser, by the tests of declines, of money and of the card form.
@pytest.mark.full
@pytest.mark.parametrize(
    ("number", "advice"),
    [
        ("4000000000009995", "funds"),
        pytest.param("4000000000000002", "declined", marks=for_a_release),
        pytest.param("4000000000000069", "expired", marks=for_a_release),
        pytest.param("4000000000000127", "security code", marks=for_a_release),
        pytest.param("4000000000000119", "again", marks=for_a_release),
        pytest.param("4000000000006975", "limit", marks=for_a_release),
        pytest.param("4100000000000019", "declined", marks=for_a_release),
    ],
)
def test_a_decline_has_its_advice_and_another_card_succeeds(
    screen: TakePayment, number: str, advice: str
) -> None:
    """On the same payment, after the member of staff is told what to say."""
    reference = screen.fill_order()
    address = screen.page.url
    screen.pay(number)
    screen.expect_status("Declined", "Say: “", advice)
    kept = number if number in NUMBER_KEPT else ""
    expect(screen.card_number).to_have_value(re.compile(r"\s?".join(kept) or "^$"))
    screen.pay()
    screen.expect_status("Succeeded")
    assert screen.page.url == address
    in_payments(screen, reference, "Succeeded")


@pytest.mark.full
def test_the_outcome_is_in_sight_in_a_low_window(screen: TakePayment) -> None:
    """The pay button stands further down than where the outcome appears."""
    screen.page.set_viewport_size({"width": 800, "height": 400})
    screen.fill_order()
    screen.pay("4000000000000002")
    screen.expect_status("Declined")
    expect(screen.status).to_be_in_viewport(ratio=1)
    screen.pay()
    screen.expect_status("Succeeded")
    expect(screen.status).to_be_in_viewport(ratio=1)


@pytest.mark.full
def test_a_declined_payment_shows_as_declined(screen: TakePayment) -> None:
    """Payments says the same word as the desk."""
    reference = screen.fill_order()
    screen.pay("4000000000000002")
    screen.expect_status("Declined")
    in_payments(screen, reference, "Declined")


@pytest.mark.full
def test_a_completed_challenge_succeeds(screen: TakePayment) -> None:
    """The dialog covers the page, and its completion is verified with Stripe."""
    reference = screen.fill_order()
    screen.pay(CHALLENGE)
    screen.answer_challenge("Complete")
    screen.expect_status("Succeeded")
    in_payments(screen, reference, "Succeeded")


@pytest.mark.full
@pytest.mark.parametrize("button", ["Close", pytest.param("Fail", marks=for_a_release)])
def test_a_challenge_not_completed_returns_to_another_card(
    screen: TakePayment, button: str
) -> None:
    """Failing and closing are declines: no money moved, another card may be tried."""
    screen.fill_order()
    screen.pay(CHALLENGE)
    screen.answer_challenge(button)
    screen.expect_status("Declined")
    screen.pay()
    screen.expect_status("Succeeded")


@pytest.mark.full
def test_a_tab_killed_in_mid_dialog_can_be_continued(screen: TakePayment, demo: Server) -> None:
    """The address brings the screen back, and the challenge with it."""
    screen.fill_order()
    screen.pay(CHALLENGE)
    screen.page.get_by_role("dialog").wait_for()
    address = screen.page.url
    other = screen.page.context.new_page()
    screen.page.close(run_before_unload=False)
    back = TakePayment(other, demo.url)
    other.goto(address)
    back.expect_status("Needs authentication")
    other.get_by_role("button", name="Continue authentication").click()
    back.answer_challenge("Complete")
    back.expect_status("Succeeded")


@pytest.mark.full
def test_a_tab_killed_in_mid_dialog_can_be_cancelled(screen: TakePayment) -> None:
    """The caller has gone: nothing can be charged any more."""
    reference = screen.fill_order()
    screen.pay(CHALLENGE)
    screen.page.get_by_role("dialog").wait_for()
    screen.reopen()
    screen.expect_status("Needs authentication")
    screen.cancel()
    screen.expect_status("Cancelled", "No money has moved.")
    in_payments(screen, reference, "Cancelled")


@pytest.mark.parametrize(
    ("number", "expiry", "code", "words"),
    [
        ("4242424242424241", "1230", "123", "Check the card number"),
        pytest.param(
            "4242 4242", "1230", "123", "Enter the full card number", marks=for_a_release
        ),
        pytest.param(VISA, "0120", "123", "The card has expired", marks=for_a_release),
        pytest.param(VISA, "1230", "1", "Enter the security code", marks=for_a_release),
    ],
)
def test_a_wrong_card_never_leaves_the_form(
    screen: TakePayment, number: str, expiry: str, code: str, words: str
) -> None:
    """The field says what is wrong, and nothing is sent anywhere."""
    sent: list[str] = []
    screen.page.on("request", lambda request: sent.append(request.url))
    screen.fill_order()
    screen.fill_card(number, expiry, code)
    screen.pay_button.click()
    expect(screen.page.locator("[aria-invalid=true]").first).to_be_visible()
    expect(screen.page.get_by_text(words)).to_be_visible()
    assert not [url for url in sent if "/v1/" in url]
    screen.fill_card()
    screen.pay_button.click()
    screen.expect_status("Succeeded")


@pytest.mark.full
def test_a_page_switch_in_mid_dialog_comes_back(screen: TakePayment) -> None:
    """Payments and back: the payment under way is still there."""
    screen.fill_order()
    screen.pay(CHALLENGE)
    screen.page.get_by_role("dialog").wait_for()
    screen.answer_challenge("Close")
    screen.expect_status("Declined")
    screen.page.get_by_role("link", name="Payments").click()
    screen.page.get_by_role("textbox", name="Search").wait_for()
    screen.page.get_by_role("link", name="Take payment").click()
    screen.expect_status("Declined")
    screen.pay()
    screen.expect_status("Succeeded")


def test_typed_words_survive_a_refusal(screen: TakePayment) -> None:
    """A refusal names the field and loses nothing."""
    screen.fill_order("T-keeps")
    screen.page.get_by_label("Customer email").fill("nobody")
    screen.pay_button.click()
    expect(screen.page.get_by_text("Enter an email address like name@example.com")).to_be_visible()
    expect(screen.page.get_by_label("Order reference")).to_have_value("T-keeps")
    expect(screen.page.get_by_label("Customer email")).to_have_value("nobody")


def test_stripe_js_that_cannot_load_is_said_and_tried_again(page: Page, demo: Server) -> None:
    """No empty form: a sentence and a button."""
    page.route(re.compile(r"/v3/stripe\.js$"), lambda route: route.abort())
    screen = TakePayment(page, demo.url).open()
    screen.fill_order()
    retry = page.get_by_role("button", name="Try again")
    retry.wait_for()
    page.unroute(re.compile(r"/v3/stripe\.js$"))
    retry.click()
    screen.pay(VISA)
    screen.expect_status("Succeeded")


@pytest.mark.parametrize(
    ("product", "total"),
    [
        pytest.param("Inspection", "45.500", marks=for_a_release),
        pytest.param("Workshop seat", "18,000", marks=for_a_release),
        pytest.param("Licence", "699.00", marks=for_a_release),
    ],
)
def test_every_kind_of_currency_is_shown_right(
    page: Page, desk: Server, product: str, total: str
) -> None:
    """No decimals for yen, three for dinars."""
    screen = TakePayment(page, desk.url).open()
    screen.fill_order(product=product)
    expect(screen.pay_button).to_contain_text(total)
    screen.pay()
    screen.expect_status("Succeeded", total)

"""The pages as a person knows them: labels, buttons, and the status that is read out."""

import re
from contextlib import suppress
from uuid import uuid4

from playwright.sync_api import Error, Locator, Page, expect

from tests.support.screens.list_of_options import choose_option

VISA = "4242424242424242"

CUSTOMER_NAME = "Customer One"
CUSTOMER_EMAIL = "customer.one@example.com"
POSTAL_CODE = "AB1 2CD"


def new_reference() -> str:
    """An order reference that nobody has used."""
    return f"T-{uuid4().hex[:10]}"


class TakePayment:
    """The page "Take payment" in one tab."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url

    def open(self) -> "TakePayment":
        """A new draft."""
        self.page.goto(self.url)
        self.pay_button.wait_for()
        return self

    def reopen(self) -> "TakePayment":
        """A reload."""
        self.page.reload()
        return self

    @property
    def pay_button(self) -> Locator:
        """Charges the card."""
        return self.page.get_by_role("button", name=re.compile(r"^Pay( |$)"))

    @property
    def status(self) -> Locator:
        """What a screen reader announces."""
        return self.page.get_by_role("status")

    def choose_product(self, product: str) -> None:
        """From the list of what is sold: the first whose name begins so."""
        choose_option(self.page, "Product", re.compile(f"^{re.escape(product)}"))

    def fill_order(self, reference: str | None = None, product: str = "Consultation") -> str:
        """A caller's order; returns its reference."""
        reference = new_reference() if reference is None else reference
        self.choose_product(product)
        self.page.get_by_label("Customer name").fill(CUSTOMER_NAME)
        self.page.get_by_label("Customer email").fill(CUSTOMER_EMAIL)
        self.page.get_by_label("Order reference").fill(reference)
        self.page.keyboard.press("Tab")
        expect(self.pay_button).to_have_text(re.compile("^Pay .*[0-9]"))
        return reference

    def fill_reference(self, reference: str) -> None:
        """Change the order reference alone."""
        self.page.get_by_label("Order reference").fill(reference)
        self.page.keyboard.press("Tab")

    def press_if_there(self, button: Locator) -> None:
        """A click that may come too late: the watch may have redrawn the page meanwhile."""
        with suppress(Error):
            button.click(no_wait_after=True, timeout=1000)

    @property
    def card_number(self) -> Locator:
        """The first field of the card form."""
        return self.page.get_by_label("Card number", exact=True)

    def fill_card(self, number: str = VISA, expiry: str = "1230", code: str = "123") -> None:
        """Type a card as a caller reads it out; the focus moves on by itself."""
        expect(self.card_number).to_be_enabled()
        # A program types in a tenth of a second, while the page may still be moving under its
        # pointer; a person cannot.
        app = self.page.get_by_test_id("stApp")
        expect(app).to_have_attribute("data-test-script-state", "notRunning")
        self.card_number.fill(number)
        self.page.get_by_label("Expiry date", exact=True).fill(expiry)
        code = "1234" if number.startswith("37") else code
        self.page.get_by_label("Security code", exact=True).fill(code)
        self.page.get_by_label("Postal code", exact=True).fill(POSTAL_CODE)

    def pay(self, number: str = VISA) -> None:
        """Type a card and press the button, which makes the payment too."""
        self.fill_card(number)
        self.pay_button.click()

    def expect_status(self, *words: str) -> None:
        """The announced outcome holds each of `words`."""
        for word in words:
            expect(self.status).to_contain_text(word)

    def cancel(self) -> None:
        """Give the payment up, in its two steps."""
        self.page.get_by_role("button", name="Cancel", exact=True).click()
        self.page.get_by_role("button", name="Cancel payment").click()

    def answer_challenge(self, button: str) -> None:
        """Complete, Fail or Close the 3-D Secure dialog."""
        self.page.get_by_role("dialog").get_by_role("button", name=button).click()

    def new_payment(self) -> None:
        """Begin another."""
        # While the page is drawn anew there may be two for a moment, which do the same.
        self.page.get_by_role("button", name="New payment").first.click()
        product = self.page.get_by_label("Product", exact=True)
        # The last order's may still be on its way out.
        expect(product.and_(self.page.locator(":disabled"))).to_have_count(0)
        expect(product).to_have_count(1)

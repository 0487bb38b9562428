"""Which page an address has, and what happens when its form is sent."""

from collections.abc import Mapping

from cardpay.sandbox import scheduled_changes
from cardpay.sandbox.pages import authentication_page, checkout_page, receipt_page
from cardpay.sandbox.pages.page_layout import Page, not_found, page
from cardpay.sandbox.state.account_state import State

PAID_PAGE = "/paid/thanks"
BEGINNINGS = ("/3d_secure/", "/checkout/", "/receipts/", "/paid/")


def respond(state: State, method: str, path: str, sent: Mapping[str, str]) -> Page:
    """The page for a request. `sent` are the fields of its form, or of its query.

    What a customer does is committed even if the card is declined, as in the API.
    """
    with state.store.transaction():
        scheduled_changes.run_due(state)
        _, area, name = path.split("/", 2)
        if area == "receipts" and method == "GET":
            return receipt_page.show(state, name)
        if area == "3d_secure" and method == "GET":
            return authentication_page.show(state, name)
        if area == "3d_secure":
            return authentication_page.answer(state, name, sent)
        if area == "paid" and method == "GET":
            return page("Thank you", "<p>Your payment was received. You can close this page.</p>")
        if area == "checkout" and method == "GET":
            return checkout_page.show(state, name, sent)
        if area == "checkout":
            return checkout_page.pay(state, name, sent)
        return not_found()

"""A Charge's receipt: always the present state, refunds included (Stripe docs, "Receipts")."""

from cardpay.sandbox.currency_rules import formatted
from cardpay.sandbox.pages.page_layout import Page, not_found, page, rows
from cardpay.sandbox.state.account_state import State
from cardpay.sandbox.state.clock import DAY_SECONDS
from cardpay.sandbox.state.sqlite_store import PageQuery

SHOWN_DAYS = 30


def show(state: State, token: str) -> Page:
    """The page behind `receipt_url`, for 30 days."""
    found, _ = state.store.page(PageQuery("charge", limit=1, where=(("_receipt", token),)))
    if not found or found[0]["created"] + SHOWN_DAYS * DAY_SECONDS < state.seconds():
        return not_found()
    charge = found[0]
    card = charge["payment_method_details"]["card"]
    lines = [
        ("Amount paid", formatted(charge["amount_captured"], charge["currency"])),
        ("Payment method", f"{card['brand']} ending in {card['last4']}"),
    ]
    if charge["receipt_number"]:
        lines.insert(0, ("Receipt number", charge["receipt_number"]))
    if charge["description"]:
        lines.append(("Description", charge["description"]))
    query = PageQuery("refund", limit=100, where=(("charge", charge["id"]),))
    lines += [
        ("Refunded", formatted(refund["amount"], refund["currency"]))
        for refund in state.store.page(query)[0]
        if refund["status"] != "failed"
    ]
    return page("Receipt from Sandbox", rows(lines))

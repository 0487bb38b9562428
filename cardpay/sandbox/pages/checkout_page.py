"""The hosted page of a Checkout Session: what it sells, and a form for a card."""

from collections.abc import Mapping
from html import escape

from cardpay.sandbox import scheduled_changes
from cardpay.sandbox.api.checkout import checkout_payment
from cardpay.sandbox.currency_rules import formatted
from cardpay.sandbox.pages.page_layout import Page, not_found, page, rows
from cardpay.sandbox.state.account_state import State
from cardpay.sandbox.state.sqlite_store import Json

_FIELDS = (
    ("email", "Email", "email", "email"),
    ("number", "Card number", "text", "cc-number"),
    ("expiry", "Expiration (MM / YY)", "text", "cc-exp"),
    ("cvc", "CVC", "text", "cc-csc"),
    ("name", "Cardholder name", "text", "cc-name"),
    ("postal_code", "Postal code", "text", "postal-code"),
)


def show(state: State, session_id: str, query: Mapping[str, str]) -> Page:
    """The page; once paid, the way to the `success_url`."""
    session = state.store.find("checkout.session", session_id)
    if session is None:
        return not_found()
    failed = query.get("redirect_status") == "failed"
    return _page(session, "We could not authenticate your card." if failed else None, {})


def pay(state: State, session_id: str, typed: Mapping[str, str]) -> Page:
    """Try the card; then the success page, the bank's page, or the form again."""
    session = state.store.find("checkout.session", session_id)
    if session is None:
        return not_found()
    if session["status"] != "open":
        return _page(session, None, {})
    problem = checkout_payment.pay(state, session, typed)
    scheduled_changes.run_due(state)
    session = state.get("checkout.session", session_id, "session")
    intent = state.store.find("payment_intent", session["payment_intent"] or "")
    if problem is None and intent is not None and intent["next_action"] is not None:
        return Page(303, location=intent["next_action"]["redirect_to_url"]["url"])
    return _page(session, problem, typed)


def _page(session: Json, problem: str | None, typed: Mapping[str, str]) -> Page:
    if session["status"] == "complete":
        url = session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"])
        return Page(303, location=url)
    if session["status"] == "expired":
        return page("This link has expired", "<p>Please ask for a new one.</p>", status=410)
    amount = formatted(session["amount_total"], session["currency"])
    sold = [
        (f"{item['quantity']} × {item['description']}",
         formatted(item["amount_total"], item["currency"]))
        for item in session["_line_items"]
    ]  # fmt: skip
    given = {"email": session["customer_email"] or "", **typed, "number": "", "cvc": ""}
    inputs = "".join(_input(name, label, kind, auto, given.get(name, ""))
                     for name, label, kind, auto in _FIELDS)  # fmt: skip
    message = (session["custom_text"]["submit"] or {}).get("message", "")
    note = f'<p class="note">{escape(message)}</p>' if message else ""
    cancel = (
        f'<p><a href="{escape(session["cancel_url"])}">Back</a></p>'
        if session["cancel_url"]
        else ""
    )
    form = f'<form method="post">{inputs}{note}<button>Pay {escape(amount)}</button></form>'
    return page("Pay Sandbox", f"{rows(sold)}{form}{cancel}", problem=problem)


def _input(name: str, label: str, kind: str, auto: str, value: str) -> str:
    required = " required" if name != "postal_code" else ""
    return (
        f'<label for="{name}">{label}</label><input id="{name}" name="{name}" type="{kind}"'
        f' autocomplete="{auto}" value="{escape(value)}"{required}>'
    )

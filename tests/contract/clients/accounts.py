"""An account that has seen a little of everything, and what it lists."""

from contextlib import suppress
from typing import Any

import requests
import stripe

from tests.contract.api import Api
from tests.support.processes.waiting import PATIENCE_SECONDS

Json = dict[str, Any]

LISTS = (
    "charges",
    "payment_intents",
    "refunds",
    "disputes",
    "balance_transactions",
    "payouts",
    "customers",
    "setup_intents",
    "checkout.sessions",
    "products",
    "radar.early_fraud_warnings",
    "events",
)

_PRICE = {"currency": "eur", "unit_amount": 500, "product_data": {"name": "Ticket"}}
_TIP = {
    "currency": "eur",
    "unit_amount": 75,
    "product_data": {"name": "Tip", "description": "For the crew", "metadata": {"kind": "tip"}},
}


def fill(api: Api) -> None:
    """Payments that went well, that did not, that were refunded, disputed, held and paid out.

    No two events of one object are of the same second: not all clients can tell their order.
    """
    v1 = api.client.v1
    api.paid(amount=100_000, currency="eur")
    paid = api.paid(currency="jpy", metadata={"order": "SO-1"}, description="Yen")
    refused = api.paid("pm_card_refundFail")
    held = api.paid(capture_method="manual")
    released = api.paid(capture_method="manual")
    unpaid = api.intent()
    unknown = api.intent()
    api.paid("pm_card_createDispute")
    api.paid("pm_card_createIssuerFraudRecord")
    customer = v1.customers.create({"name": "Ada Example", "email": "ada@example.com"})
    v1.customers.create({"individual_name": "Ben Example", "metadata": {"crm": "7"}})
    saved: Any = {"customer": customer.id, "allowed_payment_method_types": ["card"]}
    setup = v1.setup_intents.create(saved)
    with suppress(stripe.CardError):
        api.paid("pm_card_chargeDeclinedInsufficientFunds")
    api.wait(seconds=1)
    v1.refunds.create({"payment_intent": paid.id, "amount": 400, "metadata": {"why": "late"}})
    v1.refunds.create({"payment_intent": refused.id})
    v1.payment_intents.capture(held.id, {"amount_to_capture": 300})
    v1.payment_intents.cancel(released.id)
    v1.payment_intents.cancel(unpaid.id)
    v1.setup_intents.confirm(setup.id, {"payment_method": "pm_card_visa"})
    v1.payment_intents.confirm(unknown.id, {"payment_method": "pm_card_authenticationRequired"})
    api.wait(days=10)
    _sell_by_links(api)


def _sell_by_links(api: Api) -> None:
    """Links that were paid, that were declined, withdrawn and run out, and one still open."""
    sessions = api.client.v1.checkout.sessions
    ticket: Any = {
        "mode": "payment",
        "line_items": [{"quantity": 2, "price_data": _PRICE}, {"quantity": 1, "price_data": _TIP}],
        "success_url": "https://shop.example/done",
        "client_reference_id": "A-7",
        "metadata": {"order": "SO-7"},
    }
    paid, declined, withdrawn, _ = [sessions.create(ticket) for _ in range(4)]
    api.wait(seconds=1)
    for session, number in ((paid, "4242424242424242"), (declined, "4000000000000002")):
        typed = {"email": "ada@example.com", "name": "Ada Example", "number": number,
                 "expiry": "12 / 40", "cvc": "123", "postal_code": "D01"}  # fmt: skip
        requests.post(
            str(session.url), data=typed, allow_redirects=False, timeout=PATIENCE_SECONDS
        )
    sessions.expire(withdrawn.id)
    api.wait(days=2)
    sessions.create(ticket)


def listed(api: Api, name: str, *expand: str, **filters: str) -> list[Json]:
    """All objects of a list, newest first, asked for without any SDK."""
    assert api.sandbox is not None
    found: list[Json] = []
    more = True
    while more:
        after = {"starting_after": found[-1]["id"]} if found else {}
        page = requests.get(
            f"{api.base}/v1/{name.replace('.', '/')}",
            params={"limit": "100", "expand[]": expand, **filters, **after},
            auth=(api.sandbox.secret_key, ""),
            timeout=PATIENCE_SECONDS,
        ).json()
        found += page["data"]
        more = page["has_more"]
    return found

"""An account that has seen a little of everything, and what it lists."""

from contextlib import suppress
from typing import Any

import requests
import stripe

from tests.contract.api import Api

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
    "radar.early_fraud_warnings",
    "events",
)

_PRICE = {"currency": "eur", "unit_amount": 500, "product_data": {"name": "Ticket"}}


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


def add_checkout_sessions(api: Api) -> None:
    """A link that can be paid by, and one that was withdrawn.

    Not all clients read them without the products in them, which the sandbox does not serve.
    """
    sessions = api.client.v1.checkout.sessions
    ticket: Any = {
        "mode": "payment",
        "line_items": [{"quantity": 2, "price_data": _PRICE}],
        "success_url": "https://shop.example/done",
        "client_reference_id": "A-7",
    }
    sessions.create(ticket)
    withdrawn = sessions.create(ticket)
    api.wait(seconds=1)
    sessions.expire(withdrawn.id)


def listed(api: Api, name: str) -> list[Json]:
    """All objects of a list, newest first, asked for without any SDK."""
    assert api.sandbox is not None
    found: list[Json] = []
    more = True
    while more:
        after = {"starting_after": found[-1]["id"]} if found else {}
        page = requests.get(
            f"{api.base}/v1/{name.replace('.', '/')}",
            params={"limit": "100", **after},
            auth=(api.sandbox.secret_key, ""),
            timeout=5,
        ).json()
        found += page["data"]
        more = page["has_more"]
    return found

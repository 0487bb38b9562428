"""PyPI `dj-stripe`, as installed: its own import, and its own webhooks."""

from typing import Any

import psycopg
import pytest

from tests.benchmarks.ingest import contenders
from tests.benchmarks.ingest.contenders import PEERS, Surroundings
from tests.benchmarks.peers import installing
from tests.contract.api import Api
from tests.contract.clients import accounts

pytestmark = pytest.mark.full

# The version that its own copy of Stripe's SDK has.
API_VERSION = "2026-05-27.dahlia"
TABLES = {
    "djstripe_charge": "charges",
    "djstripe_paymentintent": "payment_intents",
    "djstripe_refund": "refunds",
    "djstripe_dispute": "disputes",
    "djstripe_balancetransaction": "balance_transactions",
    "djstripe_payout": "payouts",
    "djstripe_customer": "customers",
    "djstripe_setupintent": "setup_intents",
    "djstripe_session": "checkout.sessions",
    "djstripe_product": "products",
}
MODELS = (
    *("PaymentIntent", "Charge", "Refund", "Dispute", "BalanceTransaction"),
    *("Payout", "Customer", "SetupIntent", "Session", "Product", "Price"),
)
BY_EVENTS = {
    table: TABLES[table]
    for table in (
        "djstripe_charge",
        "djstripe_paymentintent",
        "djstripe_dispute",
        "djstripe_payout",
        "djstripe_customer",
        "djstripe_setupintent",
        "djstripe_session",
    )
}
# What it adds to a Customer; and the sources are shown only to who names them in `expand`.
ADDED = ("deleted", "default_payment_method", "sources")
# So are the items of a Session, of which it asks for all.
OF_A_LIST = {
    "checkout.sessions": (
        "data.line_items",
        "data.line_items.data.discounts",
        "data.total_details.breakdown",
    )
}
EXPANDED = ("balance_transaction", "customer", "latest_charge", "payment_intent")


def test_its_import(account: Api, around: Surroundings) -> None:
    """The object that each of its rows keeps is the account's."""
    with contenders.database(around) as url:
        installing.run(
            *(
                str(installing.dj_stripe(around.cache) / "python"),
                str(PEERS / "dj_stripe_sync.py"),
                *MODELS,
            ),
            cwd=around.folder,
            **contenders.peer_settings(around, url),
            PEER_API_BASE=around.api_base,
            PEER_API_VERSION=API_VERSION,
        )

        _compare(account, url, TABLES)


def test_its_webhooks(new_account: Api, around: Surroundings) -> None:
    """It asks for the object of each event, and ends with what the account has now."""
    assert new_account.sandbox is not None
    with contenders.dj_stripe(around, api_version=API_VERSION) as receiver:
        new_account.sandbox.webhooks.add_endpoint(receiver.url, contenders.WEBHOOK_SECRET)
        accounts.fill(new_account)
        new_account.sandbox.webhooks.drain()

        assert receiver.rows() == len(accounts.listed(new_account, "events"))
        _compare(new_account, receiver.database_url, BY_EVENTS, is_told=True)


def _compare(
    account: Api, database_url: str, tables: dict[str, str], *, is_told: bool = False
) -> None:
    """`is_told`: by events alone, and none tells of a link that is open."""
    with psycopg.connect(database_url) as connection:
        for table, name in tables.items():
            rows = connection.execute(f"SELECT id, stripe_data FROM {table}".encode()).fetchall()
            stored = {known: _with_ids(body) for known, body in rows}
            listed = accounts.listed(account, name, *OF_A_LIST.get(name, ()))
            assert stored == {
                one["id"]: one
                for one in listed
                if one["id"] in stored or not (is_told and one.get("status") == "open")
            }


def _with_ids(body: dict[str, Any]) -> dict[str, Any]:
    """The object as it is listed: what dj-stripe had expanded is an id again."""
    return {
        name: value["id"] if isinstance(value, dict) and name in EXPANDED else value
        for name, value in body.items()
        if name not in ADDED
    }

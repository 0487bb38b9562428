"""npm `@supabase/stripe-sync-engine`, as installed: its own import, and its own webhooks."""

import json
from collections.abc import Collection
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.benchmarks.ingest import contenders
from tests.benchmarks.ingest.contenders import PEERS, Surroundings
from tests.benchmarks.peers import installing
from tests.contract.api import Api
from tests.contract.clients import accounts

pytestmark = pytest.mark.full

TABLES = {
    "charge": "charges",
    "payment_intent": "payment_intents",
    "refund": "refunds",
    "dispute": "disputes",
    "customer": "customers",
    "setup_intent": "setup_intents",
    "early_fraud_warning": "early_fraud_warnings",
    "checkout_sessions": "checkout_sessions",
}
LISTS = {
    "early_fraud_warnings": "radar.early_fraud_warnings",
    "checkout_sessions": "checkout.sessions",
}
OWN = {"updated_at", "last_synced_at"}  # columns that say when a row was written


def test_its_import(account: Api, around: Surroundings) -> None:
    """Each row of its tables is the object, as far as the table has columns for it."""
    with contenders.database_of_sync_engine(around) as url:
        installing.run(
            *("node", str(PEERS / "sync_engine_sync.cjs"), *TABLES, "product", "price"),
            cwd=around.folder,
            **contenders.peer_settings(around, url),
            NODE_PATH=str(installing.sync_engine(around.cache)),
            PEER_API_BASE=around.api_base,
        )

        _compare(account, url)
        _compare_table(url, "products", accounts.listed(account, "products"))
        _compare_what_is_sold(account, url)


def test_its_webhooks(new_account: Api, around: Surroundings) -> None:
    """It asks for the object of each event, and ends with what the account has now."""
    assert new_account.sandbox is not None
    with contenders.sync_engine(around, retrieves=True) as receiver:
        new_account.sandbox.webhooks.add_endpoint(receiver.url, contenders.WEBHOOK_SECRET)
        accounts.fill(new_account)
        new_account.sandbox.webhooks.drain()

        # No event of a Charge says that its refund failed, and none tells of an open link.
        untold = {
            one["charge"]
            for one in accounts.listed(new_account, "refunds")
            if one["status"] == "failed"
        } | {one["id"] for one in accounts.listed(new_account, "checkout.sessions", status="open")}
        _compare(new_account, receiver.database_url, besides=untold)
        _compare_what_is_sold(new_account, receiver.database_url, besides=untold)


def _compare(account: Api, database_url: str, besides: Collection[str] = ()) -> None:
    for table in TABLES.values():
        listed = accounts.listed(account, LISTS.get(table, table))
        _compare_table(database_url, table, listed, besides)


def _compare_what_is_sold(account: Api, database_url: str, besides: Collection[str] = ()) -> None:
    """The items of the links, and the prices that it retrieves for them."""
    items = [
        {**item, "checkout_session": session["id"], "price": item["price"]["id"]}
        for session in accounts.listed(account, "checkout.sessions", "data.line_items")
        if session["id"] not in besides
        for item in session["line_items"]["data"]
    ]
    sold = {item["price"] for item in items}
    prices = accounts.listed(account, "prices", active="false")
    _compare_table(database_url, "checkout_session_line_items", items)
    _compare_table(database_url, "prices", [one for one in prices if one["id"] in sold])


def _compare_table(
    database_url: str, table: str, objects: list[dict[str, Any]], besides: Collection[str] = ()
) -> None:
    """Each row is one of these, as far as the table has columns for it."""
    with psycopg.connect(database_url, row_factory=dict_row) as connection:
        rows = connection.execute(f"SELECT * FROM stripe.{table}".encode()).fetchall()
    stored = {row["id"]: _as_object(row) for row in rows if row["id"] not in besides}
    assert stored == {
        one["id"]: {name: one.get(name) for name in stored.get(one["id"], one)}
        for one in objects
        if one["id"] not in besides
    }


def _as_object(row: dict[str, Any]) -> dict[str, Any]:
    """The row's columns without its own; some that are text hold JSON.

    That nothing was deleted is said by its rows, and not by objects.
    """
    return {
        name: json.loads(value) if str(value).startswith('{"') else value
        for name, value in row.items()
        if name not in OWN and not (name == "deleted" and value is False)
    }

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
}
LISTS = {"early_fraud_warnings": "radar.early_fraud_warnings"}
OWN = {"updated_at", "last_synced_at"}  # columns that say when a row was written


def test_its_import(account: Api, around: Surroundings) -> None:
    """Each row of its tables is the object, as far as the table has columns for it."""
    with contenders.database_of_sync_engine(around) as url:
        installing.run(
            *("node", str(PEERS / "sync_engine_sync.cjs"), *TABLES),
            cwd=around.folder,
            **contenders.peer_settings(around, url),
            NODE_PATH=str(installing.sync_engine(around.cache)),
            PEER_API_BASE=around.api_base,
        )

        _compare(account, url)


def test_its_webhooks(new_account: Api, around: Surroundings) -> None:
    """It asks for the object of each event, and ends with what the account has now."""
    assert new_account.sandbox is not None
    with contenders.sync_engine(around, retrieves=True) as receiver:
        new_account.sandbox.webhooks.add_endpoint(receiver.url, contenders.WEBHOOK_SECRET)
        accounts.fill(new_account)
        new_account.sandbox.webhooks.drain()

        # No event of a Charge says that its refund failed.
        refused = {
            one["charge"]
            for one in accounts.listed(new_account, "refunds")
            if one["status"] == "failed"
        }
        _compare(new_account, receiver.database_url, besides=refused)


def _compare(account: Api, database_url: str, besides: Collection[str] = ()) -> None:
    with psycopg.connect(database_url, row_factory=dict_row) as connection:
        for table in TABLES.values():
            rows = connection.execute(f"SELECT * FROM stripe.{table}".encode()).fetchall()
            stored = {row["id"]: _as_object(row) for row in rows}
            objects = {one["id"]: one for one in accounts.listed(account, LISTS.get(table, table))}
            for one in besides:
                stored.pop(one, None)
                objects.pop(one, None)
            assert stored == {
                known: {name: one.get(name) for name in stored.get(known, one)}
                for known, one in objects.items()
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

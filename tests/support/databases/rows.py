"""What a database says about its payments, free of when and in which order it was told."""

from functools import cache
from typing import Any

from sqlalchemy import Select, select

from cardpay.storage.database.engine import Session
from cardpay.storage.schema.tables import metadata

_TOLD = (
    "payment",
    "payment_attempt",
    "operation",
    "refund",
    "dispute",
    "balance_transaction",
    "payout",
    "stripe_event",
)
# By our own clock, or counted by the database.
_OF_THE_TELLING = {
    "handled_at",
    "next_try_at",
    "received_at",
    "settled_at",
    "status_as_of",
    "tries",
    "updated_at",
}

_OF_THE_DESK = frozenset({"operation", "stripe_event"})

Facts = dict[str, list[str]]


def facts(session: Session) -> Facts:
    """Each table's rows, sorted: equal for two databases that say the same."""
    connection = session.connection()
    return {
        table: sorted(str(row) for row in connection.execute(_query(table)).mappings())
        for table in _TOLD
    }


def said_of_objects(session: Session) -> Facts:
    """The rows of Stripe's objects, without what the desk asked for and what it was told."""
    found = facts(session)
    return {name: rows for name, rows in found.items() if name not in _OF_THE_DESK}


@cache
def _query(table: str) -> Select[Any]:
    left_out = _OF_THE_TELLING | ({"id"} if table == "stripe_event" else set())
    columns = metadata.tables[table].columns
    return select(*(column for column in columns if column.name not in left_out))

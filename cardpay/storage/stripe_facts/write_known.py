"""Writing what became known of many of Stripe's objects, in a few statements."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy.dialects.sqlite import Insert
from sqlmodel import Session, SQLModel

from cardpay.domain.stripe_facts.known import (
    AttemptFields,
    BalanceTransactionFields,
    DisputeFields,
    LinkFields,
    PaymentFields,
    PayoutFields,
    RefundFields,
)
from cardpay.storage.database.bulk_rows import insert_many, update_many
from cardpay.storage.stripe_facts.read_known import TABLES

TAKEN_BY = "elsewhere"
PRODUCT_NAME = "Taken elsewhere"

Known = (
    PaymentFields
    | LinkFields
    | AttemptFields
    | RefundFields
    | DisputeFields
    | BalanceTransactionFields
    | PayoutFields
)
Account = tuple[str, bool]  # its id, and livemode

_WITH_UPDATED_AT = frozenset({PaymentFields, RefundFields, DisputeFields, PayoutFields})
_OF_PAYMENTS_ELSEWHERE = {"taken_by": TAKEN_BY, "product_name": PRODUCT_NAME}


def changed_columns(before: Known, after: Known) -> dict[str, Any]:
    """The columns in which two states of one row differ, with their new values."""
    return {
        name: new
        for name in before.__slots__
        if (new := getattr(after, name)) != getattr(before, name)
    }


def write(
    session: Session,
    account: Account,
    now: datetime,
    new: Iterable[Known],
    changed: Iterable[tuple[Known, Mapping[str, Any]]],
) -> None:
    """Insert new rows, and set the changed columns of others.

    Raises Duplicate if another transaction has inserted one of the new rows meanwhile; a balance
    transaction that has been inserted stays as it is.
    """
    inserts: dict[type[Any], list[Mapping[str, Any]]] = defaultdict(list)
    for row in new:
        inserts[type(row)].append(_inserted(row, account, now))
    updates: dict[tuple[type[Any], tuple[str, ...]], list[Mapping[str, Any]]] = defaultdict(list)
    for row, columns in changed:
        values = {"id": row.id, **columns}
        if type(row) in _WITH_UPDATED_AT and set(columns) != {"status_as_of"}:
            values["updated_at"] = now
        updates[type(row), tuple(values)].append(values)
    for kind, table in TABLES.items():
        if kind in inserts:
            clause = _keep if kind is BalanceTransactionFields else _plain
            insert_many(session, table, inserts[kind], clause)
    for (kind, _), rows in updates.items():
        update_many(session, TABLES[kind], rows)


def forget_objects(session: Session) -> None:
    """Let the session's own objects of these tables be read anew when they are next used."""
    tables = tuple(TABLES.values())
    for one in list(session.identity_map.values()):
        if isinstance(one, tables):
            session.expire(one)


def _inserted(row: Known, account: Account, now: datetime) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in row.__slots__}
    values["stripe_account_id"], values["livemode"] = account
    if type(row) in _WITH_UPDATED_AT:
        values["updated_at"] = now
    if isinstance(row, PaymentFields):
        values |= _OF_PAYMENTS_ELSEWHERE
    return _left_out(TABLES[type(row)], tuple(values)) | values


@cache
def _left_out(table: type[SQLModel], given: tuple[str, ...]) -> dict[str, Any]:
    """The table's own values for the columns that are not given."""
    return {
        name: column.default
        for name, column in table.model_fields.items()
        if name not in given and not column.is_required()
    }


def _plain(adding: Insert) -> Insert:
    return adding


def _keep(adding: Insert) -> Insert:
    return adding.on_conflict_do_nothing()

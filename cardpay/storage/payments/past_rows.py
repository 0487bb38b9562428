"""The rows of a past that was not taken at the desk: the demo's. Many at once, each once."""

import json
from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from sqlalchemy.dialects.sqlite import Insert
from sqlmodel import Session, SQLModel, col, select

from cardpay.storage.database.bulk_rows import insert_many
from cardpay.storage.database.inserts import is_postgresql
from cardpay.storage.schema.tables import (
    BalanceTransaction,
    Dispute,
    Operation,
    Payment,
    Payout,
)


def row_of(model: type[SQLModel], **given: Any) -> dict[str, Any]:
    """A row with every column: those that are not given have the model's defaults."""
    return {**_defaults(model), **given}


def insert_rows(session: Session, model: type[SQLModel], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows of `row_of`; those that exist stay as they are."""
    if not rows:
        return
    if not is_postgresql(session):  # whose driver takes a document as it is
        rows = [{name: _as_text(value) for name, value in row.items()} for row in rows]
    insert_many(session, model, rows, _unless_there)


def has_books(session: Session) -> bool:
    """Whether there is anything that people have done, or that Stripe has told."""
    tables: tuple[type[SQLModel], ...] = (Payment, Dispute, BalanceTransaction, Payout)
    return any(session.exec(select(table).limit(1)).first() is not None for table in tables)


def known_operations(session: Session, ids: Collection[str]) -> set[str]:
    """Which of these operations are stored."""
    return set(session.exec(select(Operation.id).where(col(Operation.id).in_(ids))))


def _as_text(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict) else value


def _unless_there(adding: Insert) -> Insert:
    return adding.on_conflict_do_nothing()


@cache
def _defaults(model: type[SQLModel]) -> dict[str, Any]:
    """Of each column, where it has one."""
    fields = model.model_fields.items()
    return {
        name: field.get_default(call_default_factory=True)
        for name, field in fields
        if not field.is_required()
    }

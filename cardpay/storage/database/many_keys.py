"""Conditions with thousands of keys as one parameter: any number of them is one statement."""

from collections.abc import Iterable
from typing import Any

import orjson
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    SQLColumnExpression,
    Text,
    any_,
    column,
    func,
    literal,
    select,
)
from sqlmodel import Session

from cardpay.storage.database.inserts import is_postgresql


def among(
    session: Session, key: SQLColumnExpression[Any], values: Iterable[str]
) -> ColumnElement[bool]:
    """The condition that a column of texts is one of these."""
    if is_postgresql(session):
        return key == any_(literal([*values], ARRAY(Text)))
    given = func.json_each(orjson.dumps([*values]).decode()).table_valued(column("value", Text))
    return key.in_(select(given.c.value))

"""What the lists of attempts, refunds and disputes have in common: walks and totals."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, union_all
from sqlalchemy.orm import Mapped
from sqlmodel import Session

from cardpay.domain.money import Money
from cardpay.reporting.paging import Cursor, beyond, ordered


@dataclass(frozen=True)
class CurrencySum:
    """How many rows have one currency, and what they come to."""

    rows: int
    amount: Money


@dataclass(frozen=True)
class Walked:
    """What a list is walked along: time and id of its rows, and the status that they have."""

    at: Mapped[datetime]
    row_id: Mapped[str]
    status: Mapped[Any]


def ids_beyond(
    session: Session,
    walked: Walked,
    statuses: Collection[str],
    conditions: Sequence[ColumnElement[bool]],
    cursor: Cursor | None,
    limit: int,
) -> list[str]:
    """The ids of up to `limit` rows, in the direction of the cursor.

    Each status walks its own index and the walks are merged, since one index cannot give several
    statuses in the order of time.
    """
    walks = []
    for status in sorted(statuses) or (None,):
        query: Select[*tuple[Any, ...]] = select(walked.row_id.label("id"), walked.at.label("at"))
        query = query.where(*conditions)
        if status is not None:
            query = query.where(walked.status == status)
        if cursor is not None:
            query = query.where(beyond(cursor, walked.at, walked.row_id))
        walks.append(ordered(query, cursor, walked.at, walked.row_id).limit(limit))
    if len(walks) == 1:
        return list(session.execute(walks[0]).scalars())
    merged = union_all(*(select(walk.subquery()) for walk in walks)).subquery()
    both = ordered(select(merged.c.id), cursor, merged.c.at, merged.c.id)
    return list(session.execute(both.limit(limit)).scalars())


def sums_of(
    session: Session,
    amount: Mapped[int],
    currency: Mapped[str],
    conditions: Sequence[ColumnElement[bool]],
) -> tuple[CurrencySum, ...]:
    """The exact sums of all rows that meet the conditions, the most frequent currency first."""
    found = session.execute(
        select(currency, func.count(), func.sum(amount)).where(*conditions).group_by(currency)
    ).all()
    sums = [CurrencySum(int(rows), Money(int(total), code)) for code, rows, total in found]
    return tuple(sorted(sums, key=lambda one: (-one.rows, one.amount.currency)))

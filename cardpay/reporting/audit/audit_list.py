"""The audit log, newest first, a page at a time.

Each filter walks an index of its own in the order of time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import func, select
from sqlmodel import Session, col

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.reporting.audit.audit_filter import (
    AuditFilter,
    Conditions,
    conditions_of,
    place_of,
    rows_of,
)
from cardpay.reporting.audit.audit_words import act_words, change_words, subject_words
from cardpay.reporting.paging import PAGE_ROWS, Cursor, Page, page_of
from cardpay.reporting.staff_names import names
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import AuditEntry

_READ_ROWS: Final = 1_000  # entries that are read at a time for a whole log
COLUMNS: Final = ("Time", "User", "Action", "Changes", "Object", "Roles", "From")


@dataclass(frozen=True)
class Choices:
    """Who and what is in the log: names by actor's id, and acts, each in order."""

    people: dict[str, str]
    acts: tuple[str, ...]


def audit_page(
    store: Store,
    actor: Actor,
    zone: ZoneInfo,
    chosen: AuditFilter,
    cursor: Cursor | None = None,
    *,
    rows: int = PAGE_ROWS,
) -> Page:
    """COLUMNS of the newest entries, or those on one side of `cursor`.

    Raises NotAllowed, CardDataRefused, InvalidInput for a subject that is no id.
    """
    actor.require(Permission.VIEW_AUDIT)
    conditions = conditions_of(chosen, zone)
    with store.reading() as session:
        return page_of(
            lambda place, limit: rows_of(session, conditions, place, limit),
            place_of,
            lambda found: _frame(session, found),
            cursor,
            rows,
        )


def all_entries(
    store: Store, actor: Actor, zone: ZoneInfo, chosen: AuditFilter
) -> Iterator[tuple[Any, str]]:
    """Every entry that the filter lets through, newest first, with its actor's name.

    Raises NotAllowed, CardDataRefused, InvalidInput for a subject that is no id.
    """
    actor.require(Permission.VIEW_AUDIT)
    return _all_entries(store, conditions_of(chosen, zone))


def _all_entries(store: Store, conditions: Conditions) -> Iterator[tuple[Any, str]]:
    cursor: Cursor | None = None
    with store.reading() as session:
        while found := rows_of(session, conditions, cursor, _READ_ROWS):
            people = names(session, {row.actor_id for row in found})
            yield from ((row, people[row.actor_id]) for row in found)
            cursor = Cursor(*place_of(found[-1]))


def choices(store: Store, actor: Actor) -> Choices:
    """What the filters offer. Raises NotAllowed."""
    actor.require(Permission.VIEW_AUDIT)
    with store.reading() as session:
        people = names(session, _distinct(session, col(AuditEntry.actor_id)))
        acts = _distinct(session, col(AuditEntry.act))
    return Choices(
        people=dict(sorted(people.items(), key=lambda person: person[1].casefold())),
        acts=tuple(sorted(acts, key=act_words)),
    )


def _distinct(session: Session, column: Any) -> list[str]:
    """Each value of a column once: one step along its index for each, however long the log."""
    known = select(func.min(column).label("value")).cte("known", recursive=True)
    following = select(func.min(column)).where(column > known.c.value).scalar_subquery()
    known = known.union_all(select(following).where(known.c.value.is_not(None)))
    return [value for value in session.scalars(select(known.c.value)) if value is not None]


def _frame(session: Session, found: list[Any]) -> pd.DataFrame:
    people = names(session, {row.actor_id for row in found})
    rows = [
        (
            row.at,
            people[row.actor_id],
            act_words(row.act),
            change_words(row.before, row.after),
            subject_words(row.subject_kind, row.subject_id),
            row.roles.replace(",", ", "),
            row.origin,
        )
        for row in found
    ]
    index = pd.Index([row.id for row in found], name="Entry", dtype="int64")
    frame = pd.DataFrame(rows, columns=list(COLUMNS), index=index)
    return frame.astype({"Time": "datetime64[us, UTC]"})

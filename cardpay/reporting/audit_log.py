"""The audit log, newest first, a page at a time, and how far it is sealed.

Pages are cut by the last entry that was seen, as those of the payments are. Each filter walks an
index of its own in the order of time.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import func, select
from sqlmodel import Session, col

from cardpay.domain.actor import Actor, Permission
from cardpay.reporting.audit_entries import (
    AuditFilter,
    Conditions,
    Cursor,
    conditions_of,
    cursor_at,
    rows_of,
)
from cardpay.reporting.audit_words import act_words, change_words, subject_words
from cardpay.reporting.people import names
from cardpay.storage import audit_seals
from cardpay.storage.engine import Store
from cardpay.storage.tables import AuditEntry

PAGE_ROWS: Final = 50
COLUMNS: Final = ("Time", "Who", "Act", "What changed", "Subject", "Roles", "From")


@dataclass(frozen=True)
class AuditPage:
    """One page. `frame` has COLUMNS, in UTC, and the entries' ids as its index."""

    frame: pd.DataFrame
    newer: Cursor | None
    older: Cursor | None


@dataclass(frozen=True)
class ChainState:
    """How far the log is sealed: when last, up to which entry, and what waits since when."""

    sealed_at: datetime | None
    last_entry_id: int
    waiting: int
    waiting_since: datetime | None


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
) -> AuditPage:
    """The newest entries, or those on one side of `cursor`.

    Errors: NotAllowed, CardDataRefused, InvalidInput for a subject that is no id.
    """
    actor.require(Permission.VIEW_AUDIT)
    conditions = conditions_of(chosen, zone)
    with store.reading() as session:
        found = rows_of(session, conditions, cursor, PAGE_ROWS + 1)
        more = len(found) > PAGE_ROWS
        found = found[:PAGE_ROWS]
        if cursor is not None and cursor.newer:
            found.reverse()
            return AuditPage(
                _frame(session, found),
                newer=cursor_at(found[0], newer=True) if more else None,
                older=_other_side(session, conditions, found),
            )
        return AuditPage(
            _frame(session, found),
            newer=_other_side(session, conditions, found, newer=True) if cursor else None,
            older=cursor_at(found[-1]) if more else None,
        )


def chain_state(store: Store, actor: Actor) -> ChainState:
    """As it is now; NotAllowed."""
    actor.require(Permission.VIEW_AUDIT)
    with store.reading() as session:
        last = audit_seals.last_seal(session)
        waiting, since = audit_seals.waiting(session, last.settled_id if last else 0)
    return ChainState(
        sealed_at=last.sealed_at if last else None,
        last_entry_id=last.last_entry_id if last else 0,
        waiting=waiting,
        waiting_since=since,
    )


def choices(store: Store, actor: Actor) -> Choices:
    """What the filters offer; NotAllowed."""
    actor.require(Permission.VIEW_AUDIT)
    with store.reading() as session:
        people = names(session, _distinct(session, col(AuditEntry.actor_id)))
        acts = _distinct(session, col(AuditEntry.act))
    return Choices(
        people=dict(sorted(people.items(), key=lambda person: person[1].casefold())),
        acts=tuple(sorted(acts, key=act_words)),
    )


def _distinct(session: Session, column: Any) -> list[str]:
    """Each value once, by a step along the column's index for each, however long the log."""
    known = select(func.min(column).label("value")).cte("known", recursive=True)
    following = select(func.min(column)).where(column > known.c.value).scalar_subquery()
    known = known.union_all(select(following).where(known.c.value.is_not(None)))
    return [value for value in session.scalars(select(known.c.value)) if value is not None]


def _other_side(
    session: Session,
    conditions: Conditions,
    found: list[Any],
    *,
    newer: bool = False,
) -> Cursor | None:
    """The cursor back towards where the reader came from, if anything is there still."""
    if not found:
        return None
    back = cursor_at(found[0] if newer else found[-1], newer=newer)
    return back if rows_of(session, conditions, back, 1) else None


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

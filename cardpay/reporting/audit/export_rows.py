"""The audit log as a file."""

import csv
import json
from collections.abc import Iterator
from io import BytesIO, TextIOWrapper
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.exports.csv_cells import cell
from cardpay.reporting.audit.filter import (
    AuditFilter,
    Conditions,
    conditions_of,
    place_of,
    rows_of,
)
from cardpay.reporting.paging import Cursor
from cardpay.reporting.people import names
from cardpay.storage.database.engine import Store

_PAGE_ROWS: Final = 1_000
_HEADINGS: Final = (
    "entry",
    "at",
    "actor_id",
    "name",
    "roles",
    "origin",
    "act",
    "subject_kind",
    "subject_id",
    "before",
    "after",
)


def audit_csv(
    store: Store, actor: Actor, zone: ZoneInfo, chosen: AuditFilter
) -> tuple[BytesIO, int]:
    """Every entry that the filter lets through, newest first, as CSV, and how many.

    Times are in UTC. Errors: NotAllowed, and those of `conditions_of`.
    """
    actor.require(Permission.VIEW_AUDIT)
    conditions = conditions_of(chosen, zone)
    file = BytesIO()
    text = TextIOWrapper(file, encoding="utf-8-sig", newline="")
    count = 0
    with store.reading() as session:
        lines = csv.writer(text)
        lines.writerow(_HEADINGS)
        for line in _lines(session, conditions):
            lines.writerow([cell(value) for value in line])
            count += 1
    text.detach()
    file.seek(0)
    return file, count


def _lines(session: Session, conditions: Conditions) -> Iterator[tuple[str, ...]]:
    cursor: Cursor | None = None
    while found := rows_of(session, conditions, cursor, _PAGE_ROWS):
        people = names(session, {row.actor_id for row in found})
        for row in found:
            yield (
                str(row.id),
                row.at.isoformat(),
                row.actor_id,
                people[row.actor_id],
                row.roles,
                row.origin,
                row.act,
                row.subject_kind,
                row.subject_id,
                json.dumps(row.before, ensure_ascii=False),
                json.dumps(row.after, ensure_ascii=False),
            )
        cursor = Cursor(*place_of(found[-1]))

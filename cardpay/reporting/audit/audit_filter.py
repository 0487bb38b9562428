"""The filter of the audit log, and reading the entries that it lets through."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, select
from sqlmodel import Session, col

from cardpay.domain.business_days import Days
from cardpay.domain.card_number_guard import refuse_card_data_as_id
from cardpay.domain.errors import InvalidInput
from cardpay.reporting.day_conditions import within
from cardpay.reporting.paging import Cursor, beyond, ordered
from cardpay.storage.schema.tables import AuditEntry

SUBJECT_LABEL: Final = "Object ID"
# What ids are made of. A search for a name or an address is refused: the log has none.
_ID: Final = re.compile(r"[\w.:-]{1,200}", re.ASCII)

Conditions = list[ColumnElement[bool]]


@dataclass(frozen=True)
class AuditFilter:
    """Which entries to list. The days are business days, both included."""

    actor_id: str | None = None
    act: str | None = None
    subject_id: str = ""
    first_day: date | None = None
    last_day: date | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it lets every entry through."""
        return self == AuditFilter()

    def audited(self, *, found: bool) -> dict[str, str]:
        """What is set, for an audit entry; not a subject that was not found: it may be a name."""
        given = {name: getattr(self, name) for name in self.__dataclass_fields__}
        if not found and self.subject_id:
            given["subject_id"] = "unknown"
        return {name: str(value) for name, value in given.items() if value}


def conditions_of(chosen: AuditFilter, zone: ZoneInfo) -> Conditions:
    """The filter as SQL. Raises CardDataRefused, InvalidInput for a subject that is no id."""
    subject_id = chosen.subject_id.strip()
    refuse_card_data_as_id(SUBJECT_LABEL, subject_id)
    found: Conditions = []
    if chosen.actor_id:
        found.append(col(AuditEntry.actor_id) == chosen.actor_id)
    if chosen.act:
        found.append(col(AuditEntry.act) == chosen.act)
    if subject_id:
        if not _ID.fullmatch(subject_id):
            raise InvalidInput(
                SUBJECT_LABEL, "Enter a complete ID. The audit log contains no names"
            )
        found.append(col(AuditEntry.subject_id) == subject_id)
    days = Days(chosen.first_day, chosen.last_day)
    return found + within(col(AuditEntry.at), days, zone)


def rows_of(
    session: Session, conditions: Conditions, cursor: Cursor | None, limit: int
) -> list[Any]:
    """Up to `limit` entries in the direction of the cursor; the newest without one."""
    at, entry_id = col(AuditEntry.at), col(AuditEntry.id)
    query: Select[Any] = select(*AuditEntry.__table__.columns).where(*conditions)  # type: ignore[attr-defined]
    if cursor is not None:
        query = query.where(beyond(cursor, at, entry_id))
    return list(session.execute(ordered(query, cursor, at, entry_id).limit(limit)))


def place_of(row: Any) -> tuple[datetime, int]:
    """The time and id of an entry, as a cursor has them."""
    return row.at, row.id

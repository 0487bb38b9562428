"""The audit log as CSV."""

import csv
import json
from io import BytesIO, TextIOWrapper
from typing import Any, Final
from zoneinfo import ZoneInfo

from cardpay.domain.access.actor import Actor
from cardpay.exports.csv_cells import cell
from cardpay.reporting.audit.audit_filter import AuditFilter
from cardpay.reporting.audit.audit_list import all_entries
from cardpay.storage.database.engine import Store

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
    """Every entry that the filter lets through, newest first, as CSV; and how many.

    Times are in UTC; `zone` is that of the filter's days. Raises what `all_entries` does.
    """
    entries = all_entries(store, actor, zone, chosen)
    file = BytesIO()
    text = TextIOWrapper(file, encoding="utf-8-sig", newline="")
    lines = csv.writer(text)
    lines.writerow(_HEADINGS)
    count = 0
    for entry, name in entries:
        lines.writerow([cell(value) for value in _values(entry, name)])
        count += 1
    text.detach()
    file.seek(0)
    return file, count


def _values(entry: Any, name: str) -> tuple[str, ...]:
    return (
        str(entry.id),
        entry.at.isoformat(),
        entry.actor_id,
        name,
        entry.roles,
        entry.origin,
        entry.act,
        entry.subject_kind,
        entry.subject_id,
        json.dumps(entry.before, ensure_ascii=False),
        json.dumps(entry.after, ensure_ascii=False),
    )

"""The audit log as CSV."""

import csv
import json
import tempfile
from io import TextIOWrapper
from typing import Any, BinaryIO, Final
from zoneinfo import ZoneInfo

from cardpay.domain.access.actor import Actor
from cardpay.domain.errors import InvalidInput
from cardpay.exports.csv_cells import cell
from cardpay.exports.handed_out import HandedOut
from cardpay.reporting.audit.audit_filter import AuditFilter
from cardpay.reporting.audit.audit_list import all_entries, choices
from cardpay.services.audit.record_reading import note_export
from cardpay.services.desk import Desk
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


def hand_out_audit_log(desk: Desk, actor: Actor, zone: ZoneInfo, chosen: AuditFilter) -> HandedOut:
    """The file of `audit_csv`, written down in the audit log.

    Raises what that does, SignedOut, InvalidInput for a user or an action that the log has not:
    the filter is written down, so nobody's link may put words into it.
    """
    offered = choices(desk.store, actor)
    if chosen.actor_id not in {None, *offered.people} or chosen.act not in {None, *offered.acts}:
        raise InvalidInput("Action", "Choose a user and an action from the list")
    file, rows = audit_csv(desk.store, actor, zone, chosen)
    try:
        note_export(desk, actor, chosen.audited(found=rows > 0), rows)
    except BaseException:
        file.close()
        raise
    return HandedOut(file, "audit-log.csv", "text/csv")


def audit_csv(
    store: Store, actor: Actor, zone: ZoneInfo, chosen: AuditFilter
) -> tuple[BinaryIO, int]:
    """Every entry that the filter lets through, newest first, as CSV; and how many.

    Times are in UTC; `zone` is that of the filter's days. Raises what `all_entries` does.
    """
    entries = all_entries(store, actor, zone, chosen)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever reads it closes it
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

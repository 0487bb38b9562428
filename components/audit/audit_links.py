"""Where the audit log's file is."""

from collections.abc import Mapping
from datetime import date
from typing import Final
from urllib.parse import urlencode

from cardpay.reporting.audit.audit_filter import AuditFilter

AUDIT_FILE: Final = "/audit/files/audit-log.csv"


def audit_file_link(chosen: AuditFilter) -> str:
    """The address of the entries that the filter lets through: ids and days, no names."""
    given = {
        "user": chosen.actor_id,
        "action": chosen.act,
        "object": chosen.subject_id.strip(),
        "from": chosen.first_day,
        "to": chosen.last_day,
    }
    query = urlencode({name: str(value) for name, value in given.items() if value})
    return f"{AUDIT_FILE}?{query}" if query else AUDIT_FILE


def filter_of_link(parameters: Mapping[str, str]) -> AuditFilter:
    """What such an address asks for. Raises ValueError."""
    return AuditFilter(
        actor_id=parameters.get("user"),
        act=parameters.get("action"),
        subject_id=parameters.get("object", ""),
        first_day=_day(parameters.get("from")),
        last_day=_day(parameters.get("to")),
    )


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None

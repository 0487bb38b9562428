"""Reading the audit log, which is audited itself."""

from collections.abc import Mapping

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.services.audit.record_act import Value, record
from cardpay.services.desk import Desk

_SUBJECT = ("audit_log", "all")


def note_seen(desk: Desk, actor: Actor, chosen: Mapping[str, str]) -> None:
    """Write down that somebody looks at the log, and through which filter; NotAllowed."""
    actor.require(Permission.VIEW_AUDIT)
    with desk.store.transaction() as session:
        record(session, actor, "audit.seen", _SUBJECT, at=desk.now(), after=chosen)


def note_export(desk: Desk, actor: Actor, chosen: Mapping[str, str], rows: int) -> None:
    """Write down that somebody takes a copy: through which filter, how many rows; NotAllowed.

    To be called before the file is handed out.
    """
    actor.require(Permission.VIEW_AUDIT)
    with desk.store.transaction() as session:
        after: dict[str, Value] = {**chosen, "rows": rows}
        record(session, actor, "audit.export", _SUBJECT, at=desk.now(), after=after)

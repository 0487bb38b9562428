"""What is recorded of reading: the audit log seen or exported, lists exported."""

from collections.abc import Mapping
from datetime import datetime

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.services.audit.record_act import Value, record
from cardpay.services.desk import Desk
from cardpay.storage.database.engine import Store

_AUDIT_LOG = ("audit_log", "all")


def note_seen(desk: Desk, actor: Actor, chosen: Mapping[str, str]) -> None:
    """Write down that somebody looks at the log, and through which filter; NotAllowed."""
    actor.require(Permission.VIEW_AUDIT)
    with desk.store.transaction() as session:
        record(session, actor, "audit.seen", _AUDIT_LOG, at=desk.now(), after=chosen)


def note_export(desk: Desk, actor: Actor, chosen: Mapping[str, str], rows: int) -> None:
    """Write down that somebody takes a copy: through which filter, how many rows; NotAllowed.

    To be called before the file is handed out.
    """
    actor.require(Permission.VIEW_AUDIT)
    with desk.store.transaction() as session:
        after: dict[str, Value] = {**chosen, "rows": rows}
        record(session, actor, "audit.export", _AUDIT_LOG, at=desk.now(), after=after)


def note_list_export(
    store: Store, actor: Actor, at: datetime, kind: str, facts: Mapping[str, Value]
) -> None:
    """Write down that a file of a list is ready for somebody, before anybody has it.

    Whatever becomes of the download, they could have so many rows and no more. Raises NotAllowed,
    SignedOut.
    """
    actor.require(Permission.EXPORT_PAYMENTS)
    with store.transaction() as session:
        record(session, actor, "list.export", ("list", kind), at=at, after=facts)


def note_export_taken(desk: Desk, actor: Actor, export_id: str, kind: str) -> None:
    """Write down that somebody downloads a file, before they have it. Raises NotAllowed."""
    actor.require(Permission.EXPORT_PAYMENTS)
    with desk.store.transaction() as session:
        subject, after = ("export", export_id), {"list": kind}
        record(session, actor, "export.taken", subject, at=desk.now(), after=after)


def note_receipt(desk: Desk, actor: Actor, payment_id: str, kind: str, number: str) -> None:
    """Write down that somebody takes a receipt, before they have it. Raises NotAllowed."""
    actor.require(Permission.BROWSE_PAYMENTS)
    with desk.store.transaction() as session:
        record(
            session,
            actor,
            "receipt.taken",
            ("payment", payment_id),
            at=desk.now(),
            after={"as": kind, "number": number},
        )


def note_chart_taken(desk: Desk, actor: Actor, chart: str, days: Mapping[str, str]) -> None:
    """Write down that somebody takes a chart's data, before they have it.

    Raises NotAllowed, SignedOut.
    """
    actor.require(Permission.SEE_BOOKS)
    with desk.store.transaction() as session:
        record(session, actor, "chart.taken", ("chart", chart), at=desk.now(), after=days)

"""What is recorded of reading: the audit log seen or exported, payments exported."""

from collections.abc import Collection, Mapping

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.services.audit.record_act import Value, record
from cardpay.services.desk import Desk

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


def note_payments_export(
    desk: Desk, actor: Actor, statuses: Collection[str], search: str, rows: int
) -> None:
    """Write down that a file with so many payments is ready for somebody, before anybody has it.

    Whatever becomes of the download, they could have so many payments and no more. Of a search
    text, which may be a customer's name, only the length is kept: a hash of it could be found by
    trying names. Raises NotAllowed, SignedOut.
    """
    actor.require(Permission.EXPORT_PAYMENTS)
    searched = search.strip()
    with desk.store.transaction() as session:
        record(
            session,
            actor,
            "payments.export",
            ("payments", "filtered" if statuses or searched else "all"),
            at=desk.now(),
            after={
                "rows": rows,
                "statuses": ",".join(sorted(statuses)),
                "search_characters": len(searched),
            },
        )


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

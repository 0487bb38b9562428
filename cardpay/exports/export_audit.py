"""What leaves the desk as a file is written down before it leaves."""

from collections.abc import Collection

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.services.audit.record import record
from cardpay.services.desk import Desk


def record_payments_export(
    desk: Desk, actor: Actor, *, statuses: Collection[str], search: str, rows: int
) -> None:
    """Write down that a file with `rows` payments is ready for the actor; NotAllowed.

    To be called when the file is whole and nobody has it yet: whatever becomes of the download,
    the actor could have so many payments and no more. Of a search text, which may be a
    customer's name, only its length is kept: a hash of it could be found by trying names.
    """
    actor.require(Permission.EXPORT_PAYMENTS)
    with desk.store.transaction() as session:
        record(
            session,
            actor,
            "payments.export",
            ("payments", "all" if not statuses and not search else "filtered"),
            at=desk.now(),
            after={
                "rows": rows,
                "statuses": ",".join(sorted(statuses)),
                "search_characters": len(search),
            },
        )

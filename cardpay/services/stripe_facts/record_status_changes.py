"""The audit log's entries and the log's lines for statuses that Stripe has changed."""

from datetime import datetime

from cardpay.domain.access.actor import Actor
from cardpay.domain.stripe_facts.known import (
    DisputeFields,
    LinkFields,
    PaymentFields,
    PayoutFields,
    RefundFields,
)
from cardpay.logs.logger import get_logger
from cardpay.services.audit.record_act import record
from cardpay.services.stripe_facts.known_rows import KnownRows
from cardpay.storage.database.engine import Session

_log = get_logger(__name__)

_SUBJECTS = {
    PaymentFields: "payment",
    RefundFields: "refund",
    DisputeFields: "dispute",
    PayoutFields: "payout",
}


def record_status_changes(session: Session, actor: Actor, rows: KnownRows, now: datetime) -> None:
    """Record each status that has changed.

    The first status of what was made elsewhere is no change: it is how the desk found it.
    """
    for row, columns in rows.changed():
        if isinstance(row, LinkFields) and "status" in columns:
            link = rows.stored[LinkFields, row.id]
            record(
                session,
                actor,
                "payment.link.status",
                ("payment", row.id),
                at=now,
                before={"link": link.status},  # type: ignore[union-attr]
                after={"link": columns["status"]},
            )
        subject = _SUBJECTS.get(type(row))
        if subject is None or "status" not in columns:
            continue
        before = rows.stored[type(row), row.id].status  # type: ignore[union-attr]
        record(
            session,
            actor,
            f"{subject}.status",
            (subject, row.id),
            at=now,
            before={"status": before},
            after={"status": columns["status"]},
        )
        if isinstance(row, PaymentFields):
            _log.info(
                "payment status",
                payment_id=row.id,
                payment_intent_id=row.stripe_payment_intent_id,
                old=before,
                new=row.status,
                by=actor.actor_id,
            )

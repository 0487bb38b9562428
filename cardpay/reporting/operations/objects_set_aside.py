"""Objects of Stripe's that could not be read, and are set aside until a version can."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import UnreadableObject


@dataclass(frozen=True)
class SetAside:
    """An object that could not be read: its kind as Stripe calls it, its id, and why.

    `version` is the version of cardpay that tried last.
    """

    kind: str
    object_id: str
    reason: str
    version: str
    first_seen_at: datetime
    last_seen_at: datetime


def objects_set_aside(store: Store, actor: Actor) -> tuple[SetAside, ...]:
    """All of them, those that were seen last first. Raises NotAllowed."""
    actor.require(Permission.USE_OPERATIONS)
    with store.reading() as session:
        rows = session.exec(
            select(UnreadableObject).order_by(
                col(UnreadableObject.last_seen_at).desc(), col(UnreadableObject.id).desc()
            )
        ).all()
    return tuple(
        SetAside(
            kind=row.kind,
            object_id=row.stripe_object_id,
            reason=row.reason,
            version=row.version,
            first_seen_at=row.first_seen_at,
            last_seen_at=row.last_seen_at,
        )
        for row in rows
    )

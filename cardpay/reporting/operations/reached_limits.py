"""Which limits were reached lately, by whom, and when each ends: read from the audit log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import col, select

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.payment.limit_rules import Limit
from cardpay.reporting.staff_names import names
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import AuditEntry

LATELY: Final = timedelta(hours=24)
_READ: Final = 500  # of more refusals in a day, the newest tell enough


@dataclass(frozen=True)
class ReachedLimit:
    """A limit that was reached; `who` is empty if it is everybody's.

    `refusals` is how often the desk refused, `until_at` when the limit ends or ended.
    """

    limit: Limit
    who: str
    allowed: int
    refusals: int
    last_at: datetime
    until_at: datetime


def reached_limits(store: Store, actor: Actor, now: datetime) -> tuple[ReachedLimit, ...]:
    """The limits reached in the last 24 hours, newest first. Raises NotAllowed."""
    actor.require(Permission.USE_OPERATIONS)
    with store.reading() as session:
        entries = session.exec(
            select(AuditEntry)
            .where(AuditEntry.subject_kind == "limit", col(AuditEntry.at) > now - LATELY)
            .order_by(col(AuditEntry.id).desc())
            .limit(_READ)
        ).all()
        people = names(session, {entry.actor_id for entry in entries})
    groups: dict[tuple[str, ...], list[AuditEntry]] = {}
    for entry in entries:
        groups.setdefault(_whose(entry), []).append(entry)
    return tuple(_told(group, people) for group in groups.values())


def _whose(entry: AuditEntry) -> tuple[str, ...]:
    """Refusals with the same key are one line: of the desk, a person, or a card on a payment."""
    match Limit(entry.subject_id):
        case Limit.PAYMENTS:
            return (entry.subject_id,)
        case Limit.DECLINES_OF_CARD:
            return (entry.subject_id, entry.actor_id, str(entry.after["payment_id"]))
        case _:
            return (entry.subject_id, entry.actor_id)


def _told(entries: Sequence[AuditEntry], people: Mapping[str, str]) -> ReachedLimit:
    newest = entries[0]
    limit = Limit(newest.subject_id)
    return ReachedLimit(
        limit=limit,
        who="" if limit is Limit.PAYMENTS else people[newest.actor_id],
        allowed=newest.after["allowed"],
        refusals=len(entries),
        last_at=newest.at,
        until_at=datetime.fromisoformat(newest.after["until_at"]),
    )

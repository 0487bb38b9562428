"""Recording an act in the audit log: the entry shares the transaction of the act."""

from collections.abc import Mapping
from datetime import datetime

from cardpay.domain.access.actor import Actor
from cardpay.storage.audit import append_entries
from cardpay.storage.database.engine import Session
from cardpay.storage.schema.tables import AuditEntry

Value = str | int | bool | None


def record(
    session: Session,
    actor: Actor,
    act: str,
    subject: tuple[str, str],
    *,
    at: datetime,
    before: Mapping[str, Value] | None = None,
    after: Mapping[str, Value] | None = None,
) -> None:
    """Note who did what to which `subject` (kind, id). Values must not be personal.

    The entry is written when the transaction commits, and is part of the hash chain from then on.
    """
    kind, subject_id = subject
    append_entries.add(
        session,
        AuditEntry(
            at=at,
            actor_id=actor.actor_id,
            roles=",".join(sorted(actor.roles)),
            origin=actor.origin,
            act=act,
            subject_kind=kind,
            subject_id=subject_id,
            before=dict(before or {}),
            after=dict(after or {}),
        ),
    )

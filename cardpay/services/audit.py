"""The audit log's one way in: an entry shares the transaction of the act it tells of."""

from collections.abc import Mapping
from datetime import datetime

from cardpay.domain.access.actor import Actor
from cardpay.domain.audit_chain import signature
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
    """Append who did what to which `subject` (kind, id). Values must not be personal."""
    kind, subject_id = subject
    append(
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


def append(session: Session, entry: AuditEntry) -> None:
    """Add a new entry, signed with the key of the session's store, if it has one."""
    key = session.info.get("audit_key")
    if key is not None:
        entry.mac = signature(key, entry)
    session.add(entry)

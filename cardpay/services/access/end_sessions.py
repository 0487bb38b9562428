"""Sessions that an administrator ends: one, a person's, or everybody's."""

from collections.abc import Sequence
from datetime import datetime

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.access.sign_in import EndReason
from cardpay.logs.logger import get_logger
from cardpay.services.access.session_rows import end_row
from cardpay.services.audit.record_act import record
from cardpay.storage import session_queries as stored
from cardpay.storage.database.engine import Session, Store
from cardpay.storage.schema.session_tables import SignInSession

_log = get_logger(__name__)


def end_session(store: Store, actor: Actor, session_id: str, now: datetime) -> int:
    """End one session; return how many were open. Raises NotAllowed."""
    actor.require(Permission.MANAGE_SESSIONS)
    with store.transaction() as session:
        row = session.get(SignInSession, session_id)
        return _end(session, actor, [row] if row is not None else [], now)


def end_persons_sessions(store: Store, actor: Actor, actor_id: str, now: datetime) -> int:
    """End all of a person's; return how many were open. Raises NotAllowed."""
    actor.require(Permission.MANAGE_SESSIONS)
    with store.transaction() as session:
        return _end(session, actor, stored.open_sessions(session, now, of=actor_id), now)


def end_every_session(store: Store, actor: Actor, now: datetime) -> int:
    """End everybody's, the actor's own too; return how many were open. Raises NotAllowed."""
    actor.require(Permission.MANAGE_SESSIONS)
    with store.transaction() as session:
        return _end(session, actor, stored.open_sessions(session, now), now)


def _end(session: Session, actor: Actor, rows: Sequence[SignInSession], now: datetime) -> int:
    ended = 0
    for row in rows:
        # A session may end by itself in the meantime.
        session.refresh(row, with_for_update=True)
        if row.ended_at is not None:
            continue
        end_row(session, row, EndReason.ENDED, now)
        subject = ("session", row.id)
        after = {"person": row.actor_id}
        record(session, actor, "session.end", subject, at=now, after=after)
        ended += 1
    _log.info("sessions ended", actor_id=actor.actor_id, count=ended)
    return ended

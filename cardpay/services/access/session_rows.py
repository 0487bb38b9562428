"""One sign-in session's row: read, judged and ended."""

from datetime import datetime

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.role_check_rules import LONGEST_UNCHECKED
from cardpay.domain.access.sign_in import Admission, EndReason
from cardpay.logs.logger import get_logger
from cardpay.services.audit.record_act import record
from cardpay.services.desk import Desk
from cardpay.storage.database.engine import Session
from cardpay.storage.schema.session_tables import SignInSession

_log = get_logger(__name__)


def row_of(desk: Desk, session_id: str) -> SignInSession | None:
    """The row: one by its key, cheap enough for each second."""
    with desk.store.reading() as session:
        return session.get(SignInSession, session_id)


def reason_ended(
    row: SignInSession | None, admission: Admission, now: datetime
) -> EndReason | None:
    """Why a session has ended, or None."""
    if row is None:
        return EndReason.SIGNED_OUT
    if row.end_reason is not None:
        return row.end_reason
    if now >= row.ends_at:
        too_old = row.ends_at >= row.started_at + admission.longest
        return EndReason.TOO_OLD if too_old else EndReason.PROVIDER
    if now - row.seen_at >= admission.idle:
        return EndReason.IDLE
    if admission.provider and row.token is None and now - row.checked_at >= LONGEST_UNCHECKED:
        return EndReason.UNCHECKED
    return None


def end(desk: Desk, person: Actor, session_id: str, reason: EndReason) -> None:
    """End a session that has not ended, for good; `person` is whose act that is."""
    with desk.store.transaction() as session:
        row = session.get(SignInSession, session_id, with_for_update=True)
        if row is None or row.ended_at is not None:
            return
        end_row(session, row, reason, desk.now())
        after = {"reason": str(reason)}
        subject = ("session", session_id)
        record(session, person, "sign_out", subject, at=desk.now(), after=after)
    _log.info("signed out", actor_id=person.actor_id, reason=reason)


def end_row(session: Session, row: SignInSession, reason: EndReason, now: datetime) -> None:
    """Write that a session has ended; nobody needs its token any more."""
    row.ended_at, row.end_reason, row.token = now, reason, None
    session.add(row)

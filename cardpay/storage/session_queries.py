"""Rows of sign-in sessions: which are open, whose, and which are to be checked again."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from cardpay.storage.schema.session_tables import SignInSession


def open_sessions(
    session: Session, now: datetime, *, of: str | None = None, idle_since: datetime | None = None
) -> Sequence[SignInSession]:
    """The sessions that have not ended, newest first: everybody's, or those `of` one person.

    With `idle_since`, only those of people who did something since then.
    """
    wanted: list[ColumnElement[bool]] = [
        col(SignInSession.ends_at) > now,  # first: the index
        col(SignInSession.ended_at).is_(None),
    ]
    if of is not None:
        wanted.append(col(SignInSession.actor_id) == of)
    if idle_since is not None:
        wanted.append(col(SignInSession.seen_at) > idle_since)
    found = select(SignInSession).where(*wanted)
    return session.exec(
        found.order_by(col(SignInSession.started_at).desc(), col(SignInSession.id))
    ).all()


def to_check(
    session: Session, now: datetime, checked_before: datetime, idle_since: datetime
) -> Sequence[str]:
    """The ids of open sessions in use that were checked before then, the longest ago first."""
    wanted = select(SignInSession.id).where(
        col(SignInSession.ends_at) > now,
        col(SignInSession.ended_at).is_(None),
        col(SignInSession.token).is_not(None),
        col(SignInSession.seen_at) > idle_since,
        col(SignInSession.checked_at) < checked_before,
    )
    return session.exec(wanted.order_by(col(SignInSession.checked_at))).all()

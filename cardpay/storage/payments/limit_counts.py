"""Counting the desk's attempts for the limits: by index, and never more than is allowed."""

from datetime import datetime

from sqlalchemy import ColumnElement, CompoundSelect, Select, func, union_all
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from cardpay.domain.payment.limit_rules import (
    COUNTED_AS_DECLINE,
    COUNTED_AS_PAYMENT,
    NO_DECLINE_CODES,
    RESETS_DECLINES,
    Tally,
)
from cardpay.storage.schema.tables import PaymentAttempt, PaymentLink

# Attempts made at the desk; those made elsewhere have no actor.
_AT_THE_DESK = col(PaymentAttempt.actor_id).is_not(None)
_DECLINED = (
    col(PaymentAttempt.outcome).in_(sorted(COUNTED_AS_DECLINE)),
    func.coalesce(PaymentAttempt.decline_code, PaymentAttempt.failure_code, "").not_in(
        sorted(NO_DECLINE_CODES)
    ),
)


def payments(
    session: Session, since_at: datetime, allowed: int, *, actor_id: str | None = None
) -> Tally:
    """The newest attempts since then that took money or still may, one person's or everybody's.

    And links, whatever became of them: a customer's own attempt on one is nobody's at the desk.
    """
    whose = _AT_THE_DESK if actor_id is None else col(PaymentAttempt.actor_id) == actor_id
    counted = col(PaymentAttempt.outcome).in_(sorted(COUNTED_AS_PAYMENT))
    recent = col(PaymentLink.created_at) > since_at
    by_link = (recent,) if actor_id is None else (recent, col(PaymentLink.actor_id) == actor_id)
    return _counted(
        session,
        union_all(
            _newest(PaymentAttempt, allowed, since_at, whose, counted),
            _newest(PaymentLink, allowed, since_at, *by_link),
        ),
        allowed,
    )


def declines_of_person(session: Session, since_at: datetime, allowed: int, actor_id: str) -> Tally:
    """A person's declines in a row since then, on any card."""
    whose = col(PaymentAttempt.actor_id) == actor_id
    return _in_a_row(session, since_at, allowed, whose)


def declines_of_card(
    session: Session, since_at: datetime, allowed: int, fingerprint: str
) -> Tally:
    """A card's declines in a row since then, whoever tried it."""
    whose = col(PaymentAttempt.card_fingerprint) == fingerprint
    return _in_a_row(session, since_at, allowed, whose, _AT_THE_DESK)


def has_declines(session: Session, since_at: datetime, actor_id: str, payment_id: str) -> bool:
    """Whether the person, or anybody on this payment, has had a card declined since then."""
    recent = (col(PaymentAttempt.created_at) > since_at, _AT_THE_DESK, *_DECLINED)
    whose = (
        col(PaymentAttempt.payment_id) == payment_id,
        col(PaymentAttempt.actor_id) == actor_id,
    )
    return any(
        session.exec(select(PaymentAttempt.id).where(one, *recent).limit(1)).first() is not None
        for one in whose
    )


def _in_a_row(
    session: Session, since_at: datetime, allowed: int, *whose: ColumnElement[bool]
) -> Tally:
    """Attempts are in the order in which the cards were tried."""
    succeeded = col(PaymentAttempt.outcome).in_(sorted(RESETS_DECLINES))
    last_success_at: datetime | None = session.exec(
        select(func.max(PaymentAttempt.created_at)).where(
            *whose, succeeded, col(PaymentAttempt.created_at) > since_at
        )
    ).one()
    return _tally(session, allowed, last_success_at or since_at, *whose, *_DECLINED)


def _tally(
    session: Session, allowed: int, since_at: datetime, *counted: ColumnElement[bool]
) -> Tally:
    return _counted(session, _newest(PaymentAttempt, allowed, since_at, *counted), allowed)


def _newest(
    table: type[PaymentAttempt | PaymentLink],
    allowed: int,
    since_at: datetime,
    *counted: ColumnElement[bool],
) -> Select[tuple[datetime]]:
    newest = (
        sa_select(col(table.created_at).label("created_at"))
        .where(*counted, col(table.created_at) > since_at)
        .order_by(col(table.created_at).desc())
        .limit(allowed)
        .subquery()
    )
    return sa_select(newest.c.created_at)  # SQLite takes no LIMIT inside of a UNION


def _counted(
    session: Session,
    found: Select[tuple[datetime]] | CompoundSelect[tuple[datetime]],
    allowed: int,
) -> Tally:
    every = found.subquery()
    newest = sa_select(every.c.created_at).order_by(every.c.created_at.desc()).limit(allowed)
    at = newest.subquery().c.created_at
    count, oldest_at = session.execute(sa_select(func.count(), func.min(at))).one()
    return Tally(count, oldest_at)

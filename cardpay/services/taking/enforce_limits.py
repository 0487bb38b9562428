"""Enforcing the limits on payments and declines, in the transaction that begins an operation.

Rows of the database are counted, so a limit holds for every process, and neither a reload nor a
second tab gets around it. An attempt counts as a payment from its beginning. On SQLite, where
only one transaction writes at a time, that is exact; on PostgreSQL, transactions that begin at
the same moment do not see each other, so a limit may be exceeded by as many as there are. An
attempt counts as a decline once Stripe has answered: of cards that are tried at the same time
all are tried, up to the limit on payments. Nobody waits for a lock.

An operation that has begun is never refused: neither a replay nor recovery checks the limits.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.payment.limit_rules import Limit, LimitReached, Tally, limit_reached
from cardpay.services.audit.record_act import record
from cardpay.services.desk import Desk
from cardpay.storage.database.engine import Session
from cardpay.storage.payments import limit_counts

_WITHOUT_CARD = (Limit.PAYMENTS_OF_PERSON, Limit.DECLINES_OF_PERSON, Limit.PAYMENTS)


def check_limits(
    session: Session, desk: Desk, actor: Actor, fingerprint: str | None = None
) -> None:
    """Raise LimitReached unless the actor may begin a payment, and try the card if it is given."""
    limits = (*_WITHOUT_CARD, Limit.DECLINES_OF_CARD) if fingerprint else _WITHOUT_CARD
    now = desk.now()
    for limit in limits:
        reached = _reached(session, desk, actor, limit, now, fingerprint)
        if reached is not None:
            raise reached


@contextmanager
def audit_limit_reached(desk: Desk, actor: Actor, payment_id: str) -> Iterator[None]:
    """Record a LimitReached in the audit log, after its transaction, and raise it again."""
    try:
        yield
    except LimitReached as reached:
        with desk.store.transaction() as session:
            record(
                session,
                actor,
                "limit.reached",
                ("limit", reached.limit),
                at=desk.now(),
                after={
                    "count": reached.count,
                    "allowed": desk.limits.allowed(reached.limit),
                    "until_at": reached.until_at.isoformat(),
                    "payment_id": payment_id,
                },
            )
        raise


def reached_limit(desk: Desk, actor: Actor) -> LimitReached | None:
    """The limit that this person has reached, if any, to show it before anything is typed."""
    actor.require_to_look(Permission.TAKE_PAYMENT)
    if desk.limits.are_off:
        return None
    try:
        with desk.store.reading() as session:
            check_limits(session, desk, actor)
    except LimitReached as reached:
        return reached
    return None


def _reached(
    session: Session,
    desk: Desk,
    actor: Actor,
    limit: Limit,
    now: datetime,
    fingerprint: str | None,
) -> LimitReached | None:
    allowed = desk.limits.allowed(limit)
    if not allowed:
        return None
    since_at = now - desk.limits.window(limit)
    tally = _count(session, limit, since_at, allowed, actor.actor_id, fingerprint or "")
    return limit_reached(desk.limits, limit, tally, now)


def _count(
    session: Session,
    limit: Limit,
    since_at: datetime,
    allowed: int,
    actor_id: str,
    fingerprint: str,
) -> Tally:
    match limit:
        case Limit.PAYMENTS:
            return limit_counts.payments(session, since_at, allowed)
        case Limit.PAYMENTS_OF_PERSON:
            return limit_counts.payments(session, since_at, allowed, actor_id=actor_id)
        case Limit.DECLINES_OF_PERSON:
            return limit_counts.declines_of_person(session, since_at, allowed, actor_id)
        case Limit.DECLINES_OF_CARD:
            return limit_counts.declines_of_card(session, since_at, allowed, fingerprint)

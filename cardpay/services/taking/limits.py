"""Holding the limits: counted in the transaction that begins an operation, before Stripe.

What is counted are rows of the database, so a limit holds for every process, and neither a
reload nor a second tab gets around it. Of payments an attempt counts from its beginning: on
SQLite, where the beginning is exclusive, exactly; on PostgreSQL transactions that begin at the
same moment do not see one another, and a limit may be passed by as many as there are. Of declines
an attempt counts once Stripe has answered: cards that are tried at the same time all get through,
up to the limit on payments. Nobody waits for a lock.

An operation that has begun is never refused: neither its replay nor its recovery asks here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from cardpay.domain.access.actor import Actor, Permission
from cardpay.domain.payment.limits import Limit, LimitReached, Tally, refusal
from cardpay.services.audit.record import record
from cardpay.services.desk import Desk
from cardpay.storage.database.engine import Session
from cardpay.storage.payments import limits as counting

_OF_PEOPLE = (Limit.PAYMENTS_OF_PERSON, Limit.DECLINES_OF_PERSON, Limit.PAYMENTS)


def refuse_beyond(
    session: Session, desk: Desk, actor: Actor, fingerprint: str | None = None
) -> None:
    """LimitReached unless the actor may begin another payment, and try this card for it."""
    wanted = (*_OF_PEOPLE, Limit.DECLINES_OF_CARD) if fingerprint else _OF_PEOPLE
    now = desk.now()
    for limit in wanted:
        reached = _reached(session, desk, actor, limit, now, fingerprint)
        if reached is not None:
            raise reached


@contextmanager
def refusals_audited(desk: Desk, actor: Actor, payment_id: str) -> Iterator[None]:
    """Write down a refusal after the transaction that it ended; it goes on to the caller."""
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


def in_the_way(desk: Desk, actor: Actor) -> LimitReached | None:
    """The limit that this person has reached, if one is: to be said before anything is typed."""
    actor.require(Permission.TAKE_PAYMENT)
    if desk.limits.are_off:
        return None
    try:
        with desk.store.reading() as session:
            refuse_beyond(session, desk, actor)
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
    tally = _counted(session, limit, since_at, allowed, actor.actor_id, fingerprint or "")
    return refusal(desk.limits, limit, tally, now)


def _counted(
    session: Session,
    limit: Limit,
    since_at: datetime,
    allowed: int,
    actor_id: str,
    fingerprint: str,
) -> Tally:
    match limit:
        case Limit.PAYMENTS:
            return counting.payments(session, since_at, allowed)
        case Limit.PAYMENTS_OF_PERSON:
            return counting.payments(session, since_at, allowed, actor_id=actor_id)
        case Limit.DECLINES_OF_PERSON:
            return counting.declines_of_person(session, since_at, allowed, actor_id)
        case Limit.DECLINES_OF_CARD:
            return counting.declines_of_card(session, since_at, allowed, fingerprint)

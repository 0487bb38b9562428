"""Erasing: what is removed from a payment of its customer, and the names of staff."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from cardpay.storage.personal_data.erasable_details import erasable
from cardpay.storage.schema.session_tables import Person, SignInSession
from cardpay.storage.schema.tables import CustomerDetail, CustomerWord, Payment, PaymentNote


def erase(session: Session, payment_ids: Collection[str], now: datetime) -> list[str]:
    """Erase the details of those payments that no longer need them; return their ids.

    Locks the payments. The notes and the reason for a second payment go as well: people name
    people there.
    Amounts, ids and statuses are not touched.
    """
    # Locked first, read afterwards: something may have begun on a payment meanwhile.
    session.execute(
        select(col(Payment.id))
        .where(col(Payment.id).in_(payment_ids))
        .order_by(col(Payment.id))
        .with_for_update()
    )
    may = list(
        session.scalars(
            select(col(CustomerDetail.payment_id))
            .join(Payment, col(Payment.id) == col(CustomerDetail.payment_id))
            .where(col(CustomerDetail.payment_id).in_(payment_ids), erasable())
            .order_by(col(CustomerDetail.payment_id))
        )
    )
    searched = ("search_name", "search_email", "search_phone")
    nothing = dict.fromkeys(("name", "email", "phone", "note", "customer_key", *searched))
    session.execute(
        update(CustomerDetail)
        .where(col(CustomerDetail.payment_id).in_(may))
        .values(**nothing, erased_at=now)
    )
    session.execute(
        update(Payment)
        .where(col(Payment.id).in_(may), col(Payment.second_payment_reason).is_not(None))
        .values(second_payment_reason=None)
    )
    session.execute(delete(CustomerWord).where(col(CustomerWord.payment_id).in_(may)))
    session.execute(delete(PaymentNote).where(col(PaymentNote.payment_id).in_(may)))
    return may


def erase_name(session: Session, actor_id: str) -> bool:
    """Delete the name behind an actor's id, and where they signed in; whether there was a name."""
    came_from = update(SignInSession).where(col(SignInSession.actor_id) == actor_id)
    session.connection().execute(came_from.values(origin="", browser=""))
    gone = session.connection().execute(delete(Person).where(col(Person.actor_id) == actor_id))
    return gone.rowcount == 1

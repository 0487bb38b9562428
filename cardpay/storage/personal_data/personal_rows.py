"""Erasing what is personal: which rows hold it, why some must wait, and the file's leftovers."""

import sqlite3
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Engine,
    and_,
    delete,
    exists,
    or_,
    select,
    update,
)
from sqlmodel import Session, col

from cardpay.domain.payment.dispute import ENDED_DISPUTE_STATUSES
from cardpay.domain.payment.refund import REFUND_UNDER_WAY
from cardpay.domain.payment.status import TERMINAL
from cardpay.storage.schema.session_tables import Person
from cardpay.storage.schema.tables import CustomerDetail, Dispute, Operation, Payment, Refund

BATCH: Final = 100
_WAITS_FOR_READERS_SECONDS: Final = 10.0
_LOOKS_EACH_SECONDS: Final = 0.2
_BUSY_MILLISECONDS: Final = 500  # a try that waits longer would hold up writers


@dataclass(frozen=True)
class Whose:
    """Which details are meant: one of the three, compared as the search columns are."""

    email: str = ""
    name: str = ""
    payment_id: str = ""


@dataclass(frozen=True)
class Held:
    """One payment that holds details. `why_kept` is empty once they may be erased."""

    detail: CustomerDetail
    payment: Payment
    why_kept: str


def _is_open() -> ColumnElement[bool]:
    ended = or_(
        col(Payment.status).is_(None),
        col(Payment.status).in_(TERMINAL),
    )
    return or_(~ended, exists().where(col(Operation.open_slot) == col(Payment.id)))


def _is_disputed() -> ColumnElement[bool]:
    return exists().where(
        col(Dispute.payment_id) == col(Payment.id),
        col(Dispute.status).not_in(ENDED_DISPUTE_STATUSES),
    )


def _is_refunded_soon() -> ColumnElement[bool]:
    return exists().where(
        col(Refund.payment_id) == col(Payment.id), col(Refund.status).in_(REFUND_UNDER_WAY)
    )


def erasable() -> ColumnElement[bool]:
    """Whether a payment, joined with its details, needs them no more."""
    return and_(
        col(CustomerDetail.erased_at).is_(None),
        ~_is_open(),
        ~_is_disputed(),
        ~_is_refunded_soon(),
    )


def of_customer(session: Session, whose: Whose, after: str, limit: int = BATCH) -> list[Held]:
    """Up to `limit` payments with these details, by id, those beyond the id `after`."""
    if whose.payment_id:
        is_meant = col(CustomerDetail.payment_id) == whose.payment_id
    elif whose.email:
        is_meant = col(CustomerDetail.search_email) == whose.email
    else:
        is_meant = col(CustomerDetail.search_name) == whose.name
    found = session.execute(
        select(CustomerDetail, Payment, _is_open(), _is_disputed(), _is_refunded_soon())
        .join(Payment, col(Payment.id) == col(CustomerDetail.payment_id))
        .where(
            is_meant,
            col(CustomerDetail.erased_at).is_(None),
            col(CustomerDetail.payment_id) > after,
        )
        .order_by(col(CustomerDetail.payment_id))
        .limit(limit)
    )
    return [
        Held(detail, payment, _why(payment, is_open=opened, disputed=disputed, refunded=refunded))
        for detail, payment, opened, disputed, refunded in found
    ]


def _why(payment: Payment, *, is_open: bool, disputed: bool, refunded: bool) -> str:
    if is_open:
        return payment.display_status
    if disputed:
        return "disputed"
    return "a refund is on its way" if refunded else ""


def erase(session: Session, payment_ids: Collection[str], now: datetime) -> list[str]:
    """Empty the details of those of these payments that may be; their ids. Locks the payments.

    What was said about a second payment goes as well: people name people there. Amounts, ids
    and statuses are not touched.
    """
    # Locked first, looked at afterwards: a payment may have been opened anew meanwhile.
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
    nothing = dict.fromkeys(("name", "email", "phone", "note", "search_name", "search_email"))
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
    return may


def forget_person(session: Session, actor_id: str) -> bool:
    """Delete the name behind an actor's id; whether there was one."""
    gone = session.connection().execute(delete(Person).where(col(Person.actor_id) == actor_id))
    return gone.rowcount == 1


def write_anew(engine: Engine) -> bool:
    """Rid an SQLite file, and its log, of what was erased; whether nothing is left.

    Zeroing what is deleted misses copies that SQLite made when it moved rows from page to page;
    only VACUUM writes the file without them (SQLite docs: "VACUUM"). Writers wait meanwhile.
    False while another process cannot let go of the old log, or the disk is full. PostgreSQL
    reuses the space by itself (PostgreSQL docs: "Routine Vacuuming").
    """
    if engine.dialect.name != "sqlite":
        return True
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("VACUUM")
        cursor.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
        deadline = time.monotonic() + _WAITS_FOR_READERS_SECONDS
        while True:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            (busy, *_) = cursor.fetchone() or (1,)
            if not busy or time.monotonic() > deadline:
                return not busy
            time.sleep(_LOOKS_EACH_SECONDS)
    except sqlite3.OperationalError:
        return False
    finally:
        connection.invalidate()  # the next one waits for others as long as ever
        connection.close()

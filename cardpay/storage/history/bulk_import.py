"""Bulk reads and writes of an import: what is stored about a page of objects, and adding to it.

Rows are dicts by column. A row that exists already stays as it is: the caller has looked, so it
can only have come in between.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Select,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.dialects.sqlite import Insert
from sqlalchemy.engine import Row
from sqlmodel import Session, SQLModel, col

from cardpay.domain.payment.refund import FINAL_REFUND_STATUSES
from cardpay.domain.stripe_facts.snapshots import BalanceTransactionStatus
from cardpay.storage.database.bulk_rows import among_ids, insert_many, update_many
from cardpay.storage.database.inserts import is_postgresql, table_of
from cardpay.storage.schema.tables import (
    BalanceTransaction,
    Dispute,
    Operation,
    Payment,
    PaymentAttempt,
    Refund,
)

Account = tuple[str, bool]  # its id, and livemode
Rows = Sequence[Mapping[str, Any]]


_PAYMENT, _ATTEMPT = table_of(Payment).c, table_of(PaymentAttempt).c
# Columns of an attempt that a Charge does not state.
_OF_THE_DESK = frozenset({"id", "operation_id", "actor_id", "submission_id"})
# The columns by which an import looks into each table.
_LOOKED_UP = (
    "payment (stripe_account_id, livemode, stripe_payment_intent_id, id)",
    "payment_attempt (payment_id, id)",
    "refund (stripe_account_id, livemode, stripe_refund_id, payment_id)",
    "dispute (stripe_account_id, livemode, stripe_dispute_id)",
    "operation (open_slot)",
)


def refresh_statistics(session: Session) -> None:
    """Refresh PostgreSQL's statistics of the tables.

    It chooses the index for a page's ids by them: on none, or on old ones, it reads all payments
    of the account for each page (PostgreSQL docs: "Populating a Database"). Autovacuum comes a
    minute later, or on a busy server much later; it then looks at the other columns as well.
    SQLite needs none here.
    """
    if is_postgresql(session):
        session.execute(text(f"ANALYZE {', '.join(_LOOKED_UP)}"))


def payments(
    session: Session, account: Account, intent_ids: Iterable[str], *, locked: bool = True
) -> dict[str, Row[Any]]:
    """The stored payments of these PaymentIntents, by PaymentIntent."""
    asked = _payments(locked=locked, on_postgresql=is_postgresql(session))
    return {
        row.stripe_payment_intent_id: row
        for row in _found(session, asked, account=account, ids=intent_ids)
    }


def unknown_intents(session: Session, account: Account, intent_ids: Iterable[str]) -> list[str]:
    """Those of `intent_ids` that no payment has."""
    wanted = list(dict.fromkeys(intent_ids))
    asked = _known_intents(on_postgresql=is_postgresql(session))
    known = {row[0] for row in _found(session, asked, account=account, ids=wanted)}
    return [intent_id for intent_id in wanted if intent_id not in known]


def attempts(session: Session, payment_ids: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """Every attempt of these payments, by payment, oldest first."""
    by_payment: dict[str, list[dict[str, Any]]] = {}
    asked = _attempts(on_postgresql=is_postgresql(session))
    for row in _found(session, asked, ids=payment_ids).mappings():
        by_payment.setdefault(row["payment_id"], []).append(dict(row))
    return by_payment


def statuses_of_refunds(
    session: Session, account: Account, refund_ids: Iterable[str]
) -> dict[str, tuple[str | None, str | None]]:
    """Status and balance transaction of the refunds that are stored, by Stripe's id."""
    found = session.execute(
        select(
            col(Refund.stripe_refund_id),
            col(Refund.status),
            col(Refund.stripe_balance_transaction_id),
        ).where(
            col(Refund.stripe_account_id) == account[0],
            col(Refund.livemode) == account[1],
            col(Refund.stripe_refund_id).in_(list(refund_ids)),
        )
    )
    return {str(refund_id): (status, booked) for refund_id, status, booked in found}


def statuses_of_disputes(
    session: Session, account: Account, dispute_ids: Iterable[str]
) -> dict[str, str]:
    """Status of the disputes that are stored, by Stripe's id."""
    found = session.execute(
        select(col(Dispute.stripe_dispute_id), col(Dispute.status)).where(
            col(Dispute.stripe_account_id) == account[0],
            col(Dispute.livemode) == account[1],
            col(Dispute.stripe_dispute_id).in_(list(dispute_ids)),
        )
    )
    return {dispute_id: status for dispute_id, status in found}  # noqa: C416 - rows are no pairs


def add_payments(session: Session, rows: Rows) -> None:
    """New payments."""
    _add(session, Payment, rows)


def put_attempts(session: Session, rows: Rows) -> None:
    """New attempts, and the new state of those that are there.

    The caller has locked their payments, so nobody else adds one.
    """
    if rows:
        insert_many(session, PaymentAttempt, _completed(PaymentAttempt, rows), _put)


def add_refunds(session: Session, rows: Rows) -> None:
    """New refunds; how much of their payments is given back follows."""
    _add(session, Refund, rows)
    if not rows:
        return
    given_back = (
        select(func.coalesce(func.sum(Refund.amount_minor), 0))
        .where(
            col(Refund.payment_id) == col(Payment.id),
            col(Refund.status).is_not(None),
            col(Refund.status).not_in(FINAL_REFUND_STATUSES),
        )
        .scalar_subquery()
    )
    session.execute(
        update(Payment)
        .where(col(Payment.id).in_({row["payment_id"] for row in rows}))
        .values(amount_refunded_minor=given_back)
        .execution_options(synchronize_session=False)
    )


def add_balance_transactions(session: Session, rows: Rows) -> None:
    """New ones; of those that are there, the status may move on to what is final."""
    if rows:
        insert_many(session, BalanceTransaction, rows, _move_on)


def update_payments(session: Session, rows: Rows) -> None:
    """Update payments; each row has the payment's `id` and the columns to set."""
    if rows:
        update_many(session, Payment, rows)


def _add(session: Session, table: type[SQLModel], rows: Rows) -> None:
    if rows:
        insert_many(session, table, _completed(table, rows), _keep)


def _keep(adding: Insert) -> Insert:
    return adding.on_conflict_do_nothing()


def _put(adding: Insert) -> Insert:
    changed = {name: new for name, new in adding.excluded.items() if name not in _OF_THE_DESK}
    return adding.on_conflict_do_update(index_elements=["id"], set_=changed)


def _move_on(adding: Insert) -> Insert:
    status = col(BalanceTransaction.status)
    final: ColumnElement[str] = literal_column(f"'{BalanceTransactionStatus.AVAILABLE}'")
    return adding.on_conflict_do_update(
        index_elements=["stripe_account_id", "livemode", "stripe_balance_transaction_id"],
        set_={"status": case((status == final, status), else_=adding.excluded.status)},
    )


def _completed(table: type[SQLModel], rows: Rows) -> list[dict[str, Any]]:
    """The rows, with the table's own values for what they leave out."""
    left_out = _left_out(table, tuple(rows[0]))
    return [{**left_out, **row} for row in rows]


@cache
def _left_out(table: type[SQLModel], given: tuple[str, ...]) -> dict[str, Any]:
    return {
        name: column.default
        for name, column in table.model_fields.items()
        if name not in given and not column.is_required()
    }


def _found(
    session: Session, asked: Select[Any], *, account: Account = ("", False), ids: Iterable[str]
) -> CursorResult[Any]:
    session.flush()  # as session.execute would, which takes longer than the query itself
    parameters = {
        "stripe_account_id": account[0],
        "livemode": account[1],
        "ids": [*ids],
    }
    return session.connection().execute(asked, parameters)


# Cached: building a statement takes longer than executing it.


@cache
def _payments(*, locked: bool, on_postgresql: bool) -> Select[Any]:
    columns: list[ColumnElement[Any]] = [
        _PAYMENT.stripe_payment_intent_id,
        _PAYMENT.id,
        _PAYMENT.taken_at_desk,
        _PAYMENT.status,
        _PAYMENT.amount_minor,
        _PAYMENT.amount_received_minor,
        _PAYMENT.amount_capturable_minor,
        _PAYMENT.latest_charge_id,
        _PAYMENT.cancellation_cause,
        _PAYMENT.succeeded_at,
        exists().where(table_of(Operation).c.open_slot == _PAYMENT.id).label("is_busy"),
    ]
    asked = select(*columns).where(*_of_intents(on_postgresql=on_postgresql))
    return asked.with_for_update(of=table_of(Payment)) if locked else asked


@cache
def _known_intents(*, on_postgresql: bool) -> Select[Any]:
    return select(_PAYMENT.stripe_payment_intent_id).where(
        *_of_intents(on_postgresql=on_postgresql)
    )


@cache
def _attempts(*, on_postgresql: bool) -> Select[Any]:
    columns: list[ColumnElement[Any]] = [*_ATTEMPT]
    return (
        select(*columns)
        .where(among_ids(_ATTEMPT.payment_id, on_postgresql=on_postgresql))
        .order_by(_ATTEMPT.created_at, _ATTEMPT.id)
    )


def _of_intents(*, on_postgresql: bool) -> tuple[ColumnElement[bool], ...]:
    return (
        _PAYMENT.stripe_account_id == bindparam("stripe_account_id"),
        _PAYMENT.livemode == bindparam("livemode"),
        among_ids(_PAYMENT.stripe_payment_intent_id, on_postgresql=on_postgresql),
    )

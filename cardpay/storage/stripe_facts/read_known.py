"""Reading what is known of many of Stripe's objects, in one statement for each kind of row."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, bindparam, select, text
from sqlmodel import Session, SQLModel

from cardpay.domain.payment.operation import OperationKind, OperationState
from cardpay.domain.payment.status import CancellationCause
from cardpay.domain.stripe_facts.known import (
    AskedForIntent,
    AttemptFields,
    BalanceTransactionFields,
    DisputeFields,
    LinkFields,
    Operations,
    PaymentFields,
    PayoutFields,
    RefundFields,
)
from cardpay.domain.stripe_facts.settlement_folds import is_capture
from cardpay.storage.database.bulk_rows import among_ids
from cardpay.storage.database.inserts import is_postgresql, table_of
from cardpay.storage.schema.tables import (
    BalanceTransaction,
    Dispute,
    Operation,
    Payment,
    PaymentAttempt,
    PaymentLink,
    Payout,
    Refund,
)

Account = tuple[str, bool]  # its id, and livemode
Fields = TypeVar("Fields")

# In the order in which they refer to each other.
TABLES: dict[type[Any], type[SQLModel]] = {
    PaymentFields: Payment,
    LinkFields: PaymentLink,
    AttemptFields: PaymentAttempt,
    RefundFields: Refund,
    DisputeFields: Dispute,
    BalanceTransactionFields: BalanceTransaction,
    PayoutFields: Payout,
}
_CANCELS = (OperationKind.CANCEL, OperationKind.EXPIRE_LINK)
# The columns by which these statements look into each table.
_LOOKED_UP = (
    "payment (stripe_account_id, livemode, stripe_payment_intent_id, id)",
    "payment_attempt (payment_id, id, stripe_charge_id)",
    "payment_link (id, stripe_account_id, livemode, stripe_checkout_session_id)",
    "refund (payment_id)",
    "dispute (stripe_account_id, livemode, stripe_dispute_id, payment_id)",
    "balance_transaction"
    " (stripe_account_id, livemode, stripe_balance_transaction_id, stripe_source_id)",
    "payout (stripe_account_id, livemode, stripe_payout_id)",
    "operation (payment_id)",
)


def refresh_statistics(session: Session) -> None:
    """Refresh PostgreSQL's statistics of the tables.

    It chooses the index for many ids by them: on none, or on old ones, it reads all payments of
    the account for each page (PostgreSQL docs: "Populating a Database"). Autovacuum comes a minute
    later, or on a busy server much later; it then looks at the other columns as well. SQLite needs
    none here.
    """
    if is_postgresql(session):
        session.execute(text(f"ANALYZE {', '.join(_LOOKED_UP)}"))


def payments_of_intents(
    session: Session, account: Account, intent_ids: Iterable[str], *, locked: bool
) -> list[PaymentFields]:
    """The payments of these PaymentIntents, if so asked locked until the transaction ends."""
    return _of_account(
        session, PaymentFields, "stripe_payment_intent_id", account, intent_ids, locked=locked
    )


def unknown_intents(session: Session, account: Account, intent_ids: Iterable[str]) -> list[str]:
    """Those of these PaymentIntents that no payment has."""
    wanted = list(dict.fromkeys(intent_ids))
    found = payments_of_intents(session, account, wanted, locked=False)
    known = {one.stripe_payment_intent_id for one in found}
    return [intent_id for intent_id in wanted if intent_id not in known]


def payments(session: Session, payment_ids: Iterable[str], *, locked: bool) -> list[PaymentFields]:
    """The payments with these ids, if so asked locked until the transaction ends."""
    return _by(session, PaymentFields, "id", payment_ids, locked=locked)


def payments_of_charges(
    session: Session, account: Account, charge_ids: Iterable[str]
) -> dict[str, str]:
    """For each of these Charges that is stored, the id of its payment."""
    found = _of_account(session, AttemptFields, "stripe_charge_id", account, charge_ids)
    return {str(one.stripe_charge_id): one.payment_id for one in found}


def holds_of_charges(session: Session, account: Account, charge_ids: Iterable[str]) -> list[str]:
    """The ids of the payments of these Charges whose money was held at first."""
    its_payments = payments_of_charges(session, account, charge_ids).values()
    found = _by(session, PaymentFields, "id", its_payments)
    return [one.id for one in found if one.capture_method == "manual"]


def captured_at(
    session: Session, account: Account, charge_ids: Iterable[str]
) -> dict[str, datetime]:
    """When the balance took in each of these Charges, of those that it is known of."""
    found = _of_account(session, BalanceTransactionFields, "stripe_source_id", account, charge_ids)
    first: dict[str, datetime] = {}
    for one in found:
        if is_capture(one) and one.stripe_source_id is not None:
            before = first.get(one.stripe_source_id, one.created_at)
            first[one.stripe_source_id] = min(before, one.created_at)
    return first


def payments_of_sessions(
    session: Session, account: Account, session_ids: Iterable[str]
) -> dict[str, str]:
    """For each of these Checkout Sessions that is a payment's link, the id of the payment."""
    found = _of_account(session, LinkFields, "stripe_checkout_session_id", account, session_ids)
    return {str(one.stripe_checkout_session_id): one.id for one in found}


def links(session: Session, payment_ids: Iterable[str]) -> dict[str, LinkFields]:
    """The links of these payments, by payment."""
    return {one.id: one for one in _by(session, LinkFields, "id", payment_ids)}


def links_without_intent(session: Session, payment_ids: Iterable[str]) -> list[str]:
    """Those of these payments that have a link, and of which no PaymentIntent is known."""
    of_link = links(session, payment_ids)
    found = _by(session, PaymentFields, "id", of_link)
    return [one.id for one in found if one.stripe_payment_intent_id is None]


def attempts(session: Session, payment_ids: Iterable[str]) -> dict[str, list[AttemptFields]]:
    """Every attempt of these payments, by payment, in order of time."""
    by_payment: dict[str, list[AttemptFields]] = defaultdict(list)
    for one in _by(session, AttemptFields, "payment_id", payment_ids):
        by_payment[one.payment_id].append(one)
    for found in by_payment.values():
        found.sort(key=lambda one: (one.created_at, one.id))
    return by_payment


def refunds(session: Session, payment_ids: Iterable[str]) -> dict[str, list[RefundFields]]:
    """Every refund of these payments, by payment."""
    by_payment: dict[str, list[RefundFields]] = defaultdict(list)
    for one in _by(session, RefundFields, "payment_id", payment_ids):
        by_payment[one.payment_id].append(one)
    return by_payment


def disputes_of(session: Session, payment_ids: Iterable[str]) -> dict[str, list[DisputeFields]]:
    """Every dispute of these payments, by payment."""
    by_payment: dict[str, list[DisputeFields]] = defaultdict(list)
    for one in _by(session, DisputeFields, "payment_id", payment_ids):
        by_payment[str(one.payment_id)].append(one)
    return by_payment


def operations(session: Session, payment_ids: Iterable[str]) -> dict[str, Operations]:
    """What the desk has asked Stripe to do to these payments, by payment."""
    ids = list(payment_ids)
    if not ids:
        return {}
    rows = session.connection().execute(
        _operations(on_postgresql=is_postgresql(session)), {"ids": ids}
    )
    by_payment: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        by_payment[row.payment_id].append(row)
    return {payment_id: _asked_for(found) for payment_id, found in by_payment.items()}


def _asked_for(rows: list[Any]) -> Operations:
    rows.sort(key=lambda row: (row.created_at, row.id))
    cancels = [row for row in rows if row.kind in _CANCELS]
    asked = cancels[-1] if cancels and cancels[-1].state != OperationState.REFUSED else None
    return Operations(
        is_open=any(row.open_slot is not None for row in rows),
        cancelling=CancellationCause(asked.request["cause"]) if asked else None,
        creates=_creates(rows, OperationKind.CREATE),
        links=_creates(rows, OperationKind.CREATE_LINK),
        refunds={
            row.request["refund_id"]: row.id
            for row in rows
            if row.kind == OperationKind.REFUND and "refund_id" in row.request
        },
    )


def _creates(rows: list[Any], kind: OperationKind) -> tuple[AskedForIntent, ...]:
    return tuple(
        AskedForIntent(
            row.request["amount_minor"],
            row.request["currency"],
            row.request["metadata"],
            is_done=row.state == OperationState.DONE,
        )
        for row in rows
        if row.kind == kind
    )


def disputes(
    session: Session, account: Account, dispute_ids: Iterable[str]
) -> list[DisputeFields]:
    """The disputes with these ids of Stripe's."""
    return _of_account(session, DisputeFields, "stripe_dispute_id", account, dispute_ids)


def balance_transactions(
    session: Session, account: Account, transaction_ids: Iterable[str]
) -> list[BalanceTransactionFields]:
    """The balance transactions with these ids of Stripe's."""
    return _of_account(
        session,
        BalanceTransactionFields,
        "stripe_balance_transaction_id",
        account,
        transaction_ids,
    )


def payouts(session: Session, account: Account, payout_ids: Iterable[str]) -> list[PayoutFields]:
    """The payouts with these ids of Stripe's."""
    return _of_account(session, PayoutFields, "stripe_payout_id", account, payout_ids)


def _of_account(
    session: Session,
    kind: type[Fields],
    column: str,
    account: Account,
    ids: Iterable[str],
    *,
    locked: bool = False,
) -> list[Fields]:
    return _found(session, kind, column, account, ids, locked=locked)


def _by(
    session: Session, kind: type[Fields], column: str, ids: Iterable[str], *, locked: bool = False
) -> list[Fields]:
    return _found(session, kind, column, None, ids, locked=locked)


def _found(
    session: Session,
    kind: Any,
    column: str,
    account: Account | None,
    ids: Iterable[str],
    *,
    locked: bool,
) -> list[Fields]:
    parameters: dict[str, Any] = {"ids": list(dict.fromkeys(ids))}
    if not parameters["ids"]:
        return []
    if account is not None:
        parameters |= {"stripe_account_id": account[0], "livemode": account[1]}
    asked = _select(
        kind,
        column,
        of_account=account is not None,
        locked=locked,
        on_postgresql=is_postgresql(session),
    )
    return [kind(*row) for row in session.connection().execute(asked, parameters)]


# Cached: building a statement takes longer than executing it.


@cache
def _select(
    kind: type[Any], column: str, *, of_account: bool, locked: bool, on_postgresql: bool
) -> Select[Any]:
    table = table_of(TABLES[kind])
    chosen: list[ColumnElement[Any]] = [table.c[field.name] for field in fields(kind)]
    asked = select(*chosen).where(among_ids(table.c[column], on_postgresql=on_postgresql))
    if of_account:
        asked = asked.where(
            table.c.stripe_account_id == bindparam("stripe_account_id"),
            table.c.livemode == bindparam("livemode"),
        )
    # In one order everywhere, so that no two transactions wait for each other.
    return asked.order_by(table.c.id).with_for_update() if locked else asked


@cache
def _operations(*, on_postgresql: bool) -> Select[Any]:
    table = table_of(Operation)
    columns: list[ColumnElement[Any]] = [
        table.c.id,
        table.c.payment_id,
        table.c.kind,
        table.c.state,
        table.c.open_slot,
        table.c.request,
        table.c.created_at,
    ]
    return select(*columns).where(among_ids(table.c.payment_id, on_postgresql=on_postgresql))

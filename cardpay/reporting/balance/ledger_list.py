"""The ledger: balance transactions, newest first, a page at a time, and what they come to."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

import pandas as pd
from sqlalchemy import func, select
from sqlmodel import Session, col

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.money import Money
from cardpay.domain.money_format import format_money
from cardpay.reporting.balance.categories import category_words
from cardpay.reporting.balance.ledger_filter import LedgerFilter, conditions
from cardpay.reporting.paging import PAGE_ROWS, Cursor, Page, beyond, ordered, page_of
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import (
    BalanceTransaction,
    Dispute,
    Payment,
    PaymentAttempt,
    Refund,
)

COLUMNS: Final = (
    "Time",
    "Category",
    "Order",
    "Payment",
    "Gross",
    "Fee",
    "Net",
    "Currency",
    "Rate",
    "Available on",
    "Payout",
    "Transaction",
)
_PLACE: Final = (col(BalanceTransaction.created_at), col(BalanceTransaction.id))


@dataclass(frozen=True)
class LedgerSum:
    """What transactions of one currency come to: `net` is `gross` less `fee`."""

    transactions: int
    gross: Money
    fee: Money
    net: Money

    @classmethod
    def nothing(cls, currency: str) -> "LedgerSum":
        """What no transaction comes to."""
        return cls(0, Money(0, currency), Money(0, currency), Money(0, currency))


def ledger_page(
    store: Store,
    actor: Actor,
    zone: tzinfo,
    chosen: LedgerFilter,
    cursor: Cursor | None = None,
    *,
    rows: int = PAGE_ROWS,
) -> Page:
    """COLUMNS of the newest transactions, or of those on one side of `cursor`. Raises NotAllowed.

    Amounts are in words, without a sign for fees. "Payment" is the id of the desk's payment that a
    transaction is of, empty if it is of none.
    """
    actor.require(Permission.SEE_BOOKS)
    holds = conditions(chosen, zone)

    def read(place: Cursor | None, limit: int) -> list[BalanceTransaction]:
        query = select(BalanceTransaction).where(*holds)
        if place is not None:
            query = query.where(beyond(place, *_PLACE))
        return list(session.execute(ordered(query, place, *_PLACE).limit(limit)).scalars())

    with store.reporting(actor.actor_id) as session:
        return page_of(
            read,
            lambda row: (row.created_at, row.id),
            lambda found: _frame(session, found),
            cursor,
            rows,
        )


def ledger_sums(
    store: Store, actor: Actor, zone: tzinfo, chosen: LedgerFilter
) -> dict[str, LedgerSum]:
    """What all that the filter lets through comes to, by currency. Raises NotAllowed."""
    actor.require(Permission.SEE_BOOKS)
    transaction = BalanceTransaction
    query = (
        select(
            col(transaction.currency),
            func.count(),
            func.sum(col(transaction.gross_minor)),
            func.sum(col(transaction.fee_minor)),
            func.sum(col(transaction.net_minor)),
        )
        .where(*conditions(chosen, zone))
        .group_by(col(transaction.currency))
    )
    with store.reporting(actor.actor_id) as session:
        return {
            currency: LedgerSum(rows, *(Money(int(one), currency) for one in sums))
            for currency, rows, *sums in session.execute(query)
        }


def _frame(session: Session, found: list[BalanceTransaction]) -> pd.DataFrame:
    payments = payments_of(session, found)
    rows = [
        (
            one.created_at,
            category_words(one.reporting_category or one.type),
            *reversed(payments.get(one.stripe_source_id or "", ("", ""))),
            *(
                format_money(Money(amount, one.currency))
                for amount in (one.gross_minor, one.fee_minor, one.net_minor)
            ),
            one.currency.upper(),
            one.exchange_rate or "",
            one.available_at,
            one.stripe_payout_id or "",
            one.stripe_balance_transaction_id,
        )
        for one in found
    ]
    index = pd.Index([one.id for one in found], name="transaction_id", dtype="str")
    frame = pd.DataFrame(rows, columns=list(COLUMNS), index=index)
    return frame.astype(dict.fromkeys(("Time", "Available on"), "datetime64[us, UTC]"))


def payments_of(
    session: Session, found: Collection[BalanceTransaction]
) -> dict[str, tuple[str, str]]:
    """For each charge, refund, dispute and transfer: its payment's id and order reference."""
    sources = {one.stripe_source_id for one in found if one.stripe_source_id}
    payments: dict[str, tuple[str, str]] = {}
    for table, source in (
        (PaymentAttempt, col(PaymentAttempt.stripe_charge_id)),
        (Refund, col(Refund.stripe_refund_id)),
        (Dispute, col(Dispute.stripe_dispute_id)),
        # What went on to a connected account (Connect).
        (PaymentAttempt, col(PaymentAttempt.stripe_transfer_id)),
    ):
        if not sources:
            break
        query = (
            select(source, col(Payment.id), col(Payment.order_reference))
            .join(Payment, col(Payment.id) == col(table.payment_id))
            .where(
                # A database has the books of one account; its indexes begin with it.
                col(table.stripe_account_id).in_({one.stripe_account_id for one in found}),
                col(table.livemode).in_({one.livemode for one in found}),
                source.in_(sources),
            )
        )
        for its_id, payment_id, reference in session.execute(query):
            payments[its_id] = (payment_id, reference)
        sources -= payments.keys()
    return payments

"""Which movements of the Stripe balance are of which payment."""

from collections.abc import Collection
from typing import TypeAlias

from sqlalchemy import CompoundSelect, Select, func, literal, select, union
from sqlmodel import col

from cardpay.storage.schema.tables import BalanceTransaction, Dispute, PaymentAttempt, Refund

PaymentIds: TypeAlias = Collection[str] | Select[str]
"""Ids, or a query that gives them."""


def payments_moved(payment_ids: PaymentIds) -> Select[str, str, str]:
    """Each payment's balance transactions, each once, with the kind of what it is of.

    They name what they are of. What brings a failed refund's money back is named by the refund
    as well, and is the refund's, whatever source Stripe gives it.
    """
    named = _named(payment_ids).subquery()
    kind = func.max(named.c.kind).label("kind")  # by the alphabet a refund comes after a charge
    columns = (named.c.payment_id, named.c.transaction_id)
    return select(*columns, kind).group_by(*columns)


def _named(payment_ids: PaymentIds) -> CompoundSelect[str, str, str]:
    """Each balance transaction by what names it: one may be named twice."""
    by_source = col(BalanceTransaction.stripe_source_id)
    by_id = col(BalanceTransaction.stripe_balance_transaction_id)
    attempt, refund, dispute = PaymentAttempt, Refund, Dispute
    return union(
        *(
            select(
                col(table.payment_id),
                col(BalanceTransaction.id).label("transaction_id"),
                literal(kind).label("kind"),
            )
            .join(
                BalanceTransaction,
                (key == name)
                & (col(BalanceTransaction.stripe_account_id) == col(table.stripe_account_id))
                & (col(BalanceTransaction.livemode) == col(table.livemode)),
            )
            .where(col(table.payment_id).in_(payment_ids))
            for kind, table, name, key in (
                ("charge", attempt, col(attempt.stripe_charge_id), by_source),
                # What went on to a connected account (Connect).
                ("transfer", attempt, col(attempt.stripe_transfer_id), by_source),
                ("refund", refund, col(refund.stripe_refund_id), by_source),
                ("refund", refund, col(refund.stripe_failure_balance_transaction_id), by_id),
                ("dispute", dispute, col(dispute.stripe_dispute_id), by_source),
            )
        )
    )

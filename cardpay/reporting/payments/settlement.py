"""What payments did to the Stripe balance: Stripe's fee and what is left after it."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import CompoundSelect, func, select, union
from sqlmodel import Session, col

from cardpay.domain.money import Money
from cardpay.storage.schema.tables import BalanceTransaction, Dispute, PaymentAttempt, Refund


@dataclass(frozen=True)
class Settlement:
    """What a payment did to the Stripe balance so far, in one currency of that balance.

    Charge, refunds, disputes and transfers together: `fee` is what Stripe kept, `net` what is
    left.
    """

    fee: Money
    net: Money


def settlements(
    session: Session, payment_ids: Collection[str]
) -> dict[str, tuple[Settlement, ...]]:
    """For each payment a settlement in each currency of the balance, in order of currency.

    A payment is missing until Stripe has stated its fee.
    """
    moved = _moved(payment_ids).subquery()
    sums = session.execute(
        select(
            moved.c.payment_id,
            col(BalanceTransaction.currency),
            func.sum(col(BalanceTransaction.fee_minor)),
            func.sum(col(BalanceTransaction.net_minor)),
        )
        .join(BalanceTransaction, col(BalanceTransaction.id) == moved.c.transaction_id)
        .group_by(moved.c.payment_id, col(BalanceTransaction.currency))
        .order_by(moved.c.payment_id, col(BalanceTransaction.currency))
    )
    found: dict[str, tuple[Settlement, ...]] = {}
    for payment_id, currency, fee, net in sums:
        one = Settlement(Money(int(fee), currency), Money(int(net), currency))
        found[payment_id] = (*found.get(payment_id, ()), one)
    return found


def _moved(payment_ids: Collection[str]) -> CompoundSelect[str, str]:
    """Each payment's balance transactions, each once.

    They name what they are of. What brings a failed refund's money back is named by the refund
    as well, and counts whatever source Stripe gives it.
    """
    by_source = col(BalanceTransaction.stripe_source_id)
    by_id = col(BalanceTransaction.stripe_balance_transaction_id)
    attempt, refund, dispute = PaymentAttempt, Refund, Dispute
    return union(
        *(
            select(col(table.payment_id), col(BalanceTransaction.id).label("transaction_id"))
            .join(
                BalanceTransaction,
                (key == name)
                & (col(BalanceTransaction.stripe_account_id) == col(table.stripe_account_id))
                & (col(BalanceTransaction.livemode) == col(table.livemode)),
            )
            .where(col(table.payment_id).in_(payment_ids))
            for table, name, key in (
                (attempt, col(attempt.stripe_charge_id), by_source),
                # What went on to a connected account (Connect).
                (attempt, col(attempt.stripe_transfer_id), by_source),
                (refund, col(refund.stripe_refund_id), by_source),
                (refund, col(refund.stripe_failure_balance_transaction_id), by_id),
                (dispute, col(dispute.stripe_dispute_id), by_source),
            )
        )
    )

"""What payments did to the Stripe balance: Stripe's fee and what is left after it."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select, union_all
from sqlmodel import Session, col

from cardpay.domain.money import Money
from cardpay.storage.schema.tables import BalanceTransaction, Dispute, PaymentAttempt, Refund


@dataclass(frozen=True)
class Settlement:
    """What a payment did to the Stripe balance so far, in one currency of that balance.

    Charge, refunds and disputes together: `fee` is what Stripe kept, `net` what is left.
    """

    fee: Money
    net: Money


def settlements(
    session: Session, payment_ids: Collection[str]
) -> dict[str, tuple[Settlement, ...]]:
    """For each payment a settlement in each currency of the balance, in order of currency.

    A payment is missing until Stripe has stated its fee.
    """
    sources = union_all(
        *(
            select(
                owner.label("payment_id"),
                source.label("source"),
                col(table.stripe_account_id).label("account"),
                col(table.livemode).label("livemode"),
            ).where(owner.in_(payment_ids), source.is_not(None))
            for table, owner, source in (
                (
                    PaymentAttempt,
                    col(PaymentAttempt.payment_id),
                    col(PaymentAttempt.stripe_charge_id),
                ),
                # What went on to a connected account (Connect).
                (
                    PaymentAttempt,
                    col(PaymentAttempt.payment_id),
                    col(PaymentAttempt.stripe_transfer_id),
                ),
                (Refund, col(Refund.payment_id), col(Refund.stripe_refund_id)),
                (Dispute, col(Dispute.payment_id), col(Dispute.stripe_dispute_id)),
            )
        )
    ).subquery()
    sums = session.execute(
        select(
            sources.c.payment_id,
            col(BalanceTransaction.currency),
            func.sum(col(BalanceTransaction.fee_minor)),
            func.sum(col(BalanceTransaction.net_minor)),
        )
        .join(
            BalanceTransaction,
            (col(BalanceTransaction.stripe_source_id) == sources.c.source)
            & (col(BalanceTransaction.stripe_account_id) == sources.c.account)
            & (col(BalanceTransaction.livemode) == sources.c.livemode),
        )
        .group_by(sources.c.payment_id, col(BalanceTransaction.currency))
        .order_by(sources.c.payment_id, col(BalanceTransaction.currency))
    )
    found: dict[str, tuple[Settlement, ...]] = {}
    for payment_id, currency, fee, net in sums:
        one = Settlement(Money(int(fee), currency), Money(int(net), currency))
        found[payment_id] = (*found.get(payment_id, ()), one)
    return found

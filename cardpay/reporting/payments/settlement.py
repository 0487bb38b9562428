"""What payments did to the Stripe balance: Stripe's fee and what is left after it."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from cardpay.domain.money import Money
from cardpay.storage.payments.balance_movements import payments_moved
from cardpay.storage.schema.tables import BalanceTransaction, Refund


@dataclass(frozen=True)
class Settlement:
    """What a payment did to the Stripe balance so far, in one currency of that balance.

    Charge, refunds, disputes and transfers together: `fee` is what Stripe kept, `net` what is
    left.
    """

    fee: Money
    net: Money


@dataclass(frozen=True)
class BalanceEffect:
    """What one kind of object did to the Stripe balance, in one of its currencies.

    `kind` is charge, transfer, refund or dispute. `exchange_rates` are Stripe's, as exact text:
    there is none where the payment has the balance's currency.
    """

    kind: str
    gross: Money
    fee: Money
    net: Money
    exchange_rates: tuple[str, ...]


def balance_effects(session: Session, payment_id: str) -> tuple[BalanceEffect, ...]:
    """What a payment did to the balance so far, by kind and currency."""
    moved = payments_moved([payment_id]).subquery()
    rows = session.execute(
        select(moved.c.kind, BalanceTransaction)
        .join(BalanceTransaction, col(BalanceTransaction.id) == moved.c.transaction_id)
        .order_by(moved.c.kind, col(BalanceTransaction.currency), col(BalanceTransaction.id))
    )
    found: dict[tuple[str, str], list[BalanceTransaction]] = {}
    for kind, transaction in rows:
        found.setdefault((kind, transaction.currency), []).append(transaction)
    return tuple(
        BalanceEffect(
            kind=kind,
            gross=Money(sum(one.gross_minor for one in all_of_it), currency),
            fee=Money(sum(one.fee_minor for one in all_of_it), currency),
            net=Money(sum(one.net_minor for one in all_of_it), currency),
            exchange_rates=tuple(
                dict.fromkeys(one.exchange_rate for one in all_of_it if one.exchange_rate)
            ),
        )
        for (kind, currency), all_of_it in found.items()
    )


def is_settling(session: Session, payment_id: str) -> bool:
    """Whether it isn't known yet what the payment's refunds took from the Stripe balance.

    A refund names its balance transaction, which is told later.
    """
    missing = or_(
        *(
            named.is_not(None)
            & ~select(col(BalanceTransaction.id))
            .where(
                col(BalanceTransaction.stripe_balance_transaction_id) == named,
                col(BalanceTransaction.stripe_account_id) == col(Refund.stripe_account_id),
                col(BalanceTransaction.livemode) == col(Refund.livemode),
            )
            .exists()
            for named in (
                col(Refund.stripe_balance_transaction_id),
                col(Refund.stripe_failure_balance_transaction_id),
            )
        )
    )
    found = select(col(Refund.id)).where(col(Refund.payment_id) == payment_id, missing).limit(1)
    return session.scalar(found) is not None


def settlements(
    session: Session, payment_ids: Collection[str]
) -> dict[str, tuple[Settlement, ...]]:
    """For each payment a settlement in each currency of the balance, in order of currency.

    A payment is missing until Stripe has stated its fee.
    """
    moved = payments_moved(payment_ids).subquery()
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

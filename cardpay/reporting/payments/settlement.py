"""What payments did to the Stripe balance: Stripe's fee and what is left after it."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import CompoundSelect, Select, func, literal, select, union
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
    moved = _moved([payment_id]).subquery()
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


def _moved(payment_ids: Collection[str]) -> Select[str, str, str]:
    """Each payment's balance transactions, each once, with the kind of what it is of.

    They name what they are of. What brings a failed refund's money back is named by the refund
    as well, and is the refund's, whatever source Stripe gives it.
    """
    named = _named(payment_ids).subquery()
    kind = func.max(named.c.kind).label("kind")  # by the alphabet a refund comes after a charge
    columns = (named.c.payment_id, named.c.transaction_id)
    return select(*columns, kind).group_by(*columns)


def _named(payment_ids: Collection[str]) -> CompoundSelect[str, str, str]:
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

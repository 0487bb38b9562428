"""What else became of the payments of a stretch: balance transactions, declines and disputes.

A payment that settled in several currencies has a row for each.

Which balance transactions are a payment's is as in `settlement`, of which this is the form for
thousands of payments: a few reads by index, added up here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, Select, select, tuple_
from sqlmodel import Session, col

from cardpay.reporting.exported_lists.list_columns import worded
from cardpay.storage.database.many_keys import among
from cardpay.storage.schema.tables import (
    BalanceTransaction,
    Desk,
    Dispute,
    PaymentAttempt,
    Refund,
)

_Found = Row[*tuple[Any, ...]]
Settled = tuple[tuple[str | None, int | None, int | None], ...]
"""Currency, fee and net in minor units, for each currency in their order."""
_UNKNOWN: Final[Settled] = ((None, None, None),)
# On the further rows of a payment that settled in several currencies: so that the sum of a column
# is right, amounts and quantities stand in the first row alone.
_FIRST_ROW_ALONE: Final = frozenset({"Amount", "Received", "Refunded", "Quantity"})


@dataclass(frozen=True)
class PaymentMoney:
    """What is known of some payments, by id. A payment is missing where nothing is.

    `transactions` and `payouts` are by charge.
    """

    settled: dict[str, Settled]
    declines: dict[str, str]
    disputes: dict[str, str]
    transactions: dict[str, str]
    payouts: dict[str, str]


def money_of(session: Session, ids: Sequence[str]) -> PaymentMoney:
    """All of it, for these payments."""
    of: dict[str, str] = {}  # the payment of each id of Stripe's that has balance transactions
    declines: dict[str, str] = {}
    for payment_id, charge, transfer, decline_code in _attempts(session, ids):
        of[charge] = of[transfer] = payment_id
        if decline_code:
            declines[payment_id] = decline_code
    disputes: dict[str, str] = {}
    for payment_id, dispute_id in _disputes(session, ids):
        of[dispute_id] = payment_id
        disputes[payment_id] = dispute_id
    failed: dict[str, str] = {}
    for payment_id, refund_id, failure in _refunds(session, ids):
        of[refund_id] = payment_id
        failed[failure] = payment_id
    found = PaymentMoney({}, declines, disputes, {}, {})
    sums: dict[str, dict[str, list[int]]] = {}
    for transaction, source, payout, fee, net, currency in _moved(session, of, failed):
        payment_id = failed.get(transaction) or of[source]
        in_currency = sums.setdefault(payment_id, {}).setdefault(currency, [0, 0])
        in_currency[0] += fee
        in_currency[1] += net
        found.transactions.setdefault(source, transaction)
        found.payouts.setdefault(source, payout)
    for payment_id, by_currency in sums.items():
        found.settled[payment_id] = tuple(
            (currency, by_currency[currency][0], by_currency[currency][1])
            for currency in sorted(by_currency)
        )
    return found


def with_settlements(
    values: dict[str, Sequence[Any]], ids: Sequence[str], settled: dict[str, Settled]
) -> dict[str, Sequence[Any]]:
    """The values with fee, net and their currency: a further row for each further currency."""
    parts = [settled.get(one, _UNKNOWN) for one in ids]
    if any(len(one) > 1 for one in parts):
        places = [(place, nth) for place, one in enumerate(parts) for nth in range(len(one))]
        values = {
            name: [
                None if nth and name in _FIRST_ROW_ALONE else column[place]
                for place, nth in places
            ]
            for name, column in values.items()
        }
    flat = [part for one in parts for part in one]
    return values | {
        "Fee": [fee for _, fee, _ in flat],
        "Net": [net for _, _, net in flat],
        "Settlement currency": worded((code or "" for code, _, _ in flat), str.upper),
    }


def _attempts(session: Session, ids: Sequence[str]) -> Sequence[_Found]:
    """Each attempt's charge, transfer (Connect) and decline code, oldest first."""
    attempt = PaymentAttempt
    return _all(
        session,
        select(
            col(attempt.payment_id),
            col(attempt.stripe_charge_id),
            col(attempt.stripe_transfer_id),
            col(attempt.decline_code),
        )
        .where(among(session, col(attempt.payment_id), ids))
        .order_by(col(attempt.created_at), col(attempt.id)),
    )


def _disputes(session: Session, ids: Sequence[str]) -> Sequence[_Found]:
    """Oldest first."""
    return _all(
        session,
        select(col(Dispute.payment_id), col(Dispute.stripe_dispute_id))
        .where(among(session, col(Dispute.payment_id), ids))
        .order_by(col(Dispute.created_at), col(Dispute.id)),
    )


def _refunds(session: Session, ids: Sequence[str]) -> Sequence[_Found]:
    """Each refund, and what brought the money of a failed one back."""
    return _all(
        session,
        select(
            col(Refund.payment_id),
            col(Refund.stripe_refund_id),
            col(Refund.stripe_failure_balance_transaction_id),
        ).where(among(session, col(Refund.payment_id), ids)),
    )


def _moved(session: Session, of: dict[str, str], failed: dict[str, str]) -> Iterator[_Found]:
    """Those of these sources and those with these ids, each once, the oldest of a source first."""
    transaction = BalanceTransaction
    query = select(
        col(transaction.stripe_balance_transaction_id),
        col(transaction.stripe_source_id),
        col(transaction.stripe_payout_id),
        col(transaction.fee_minor),
        col(transaction.net_minor),
        col(transaction.currency),
    ).order_by(col(transaction.created_at), col(transaction.id))
    sources = [one for one in of if one]
    yield from _all(
        session, query.where(among(session, col(transaction.stripe_source_id), sources))
    )
    for row in _all_of_failures(session, query, [one for one in failed if one]):
        if row[1] not in of:
            yield row


def _all_of_failures(
    session: Session, query: Select[*tuple[Any, ...]], failures: Sequence[str]
) -> Sequence[_Found]:
    if not failures:
        return []
    account = select(col(Desk.stripe_account_id), col(Desk.livemode)).limit(1)
    transaction = BalanceTransaction
    ours = tuple_(col(transaction.stripe_account_id), col(transaction.livemode)).in_(account)
    key = col(transaction.stripe_balance_transaction_id)
    return _all(session, query.where(ours, among(session, key, failures)))


def _all(session: Session, query: Select[*tuple[Any, ...]]) -> Sequence[_Found]:
    return session.connection().execute(query).all()

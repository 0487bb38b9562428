"""The Stripe balance of a past: its movements, and the payouts that take them to the bank.

As at the simulated Stripe: what a charge brings is available a week later, all else at once, and
each business day what is available is paid out, unless that is nothing.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, Final

from cardpay.demo.bulk_past.made_up_ids import letters
from cardpay.domain.payment.payout import PAYOUT_TRANSACTION, PayoutStatus
from cardpay.domain.stripe_account import StripeAccount
from cardpay.sandbox.currency_rules import converted
from cardpay.sandbox.state.home_country import UNITED_KINGDOM
from cardpay.storage.payments.past_rows import row_of
from cardpay.storage.schema.tables import BalanceTransaction, Payout

Row = dict[str, Any]
Rows = Iterator[tuple[type[BalanceTransaction | Payout], Row]]

_HOME: Final = UNITED_KINGDOM
_DAY: Final = timedelta(days=1)
_CHARGES_WAIT: Final = timedelta(days=7)
_SUBMITTED_AFTER: Final = timedelta(hours=1)
_ITEMISED_AFTER: Final = timedelta(hours=2)
_PAID_AFTER: Final = timedelta(hours=8)  # into the day of arrival
_FAILS_AFTER: Final = timedelta(days=1, hours=10)
_PAYOUTS_THAT_FAIL: Final = 0.004


@dataclass(frozen=True, slots=True)
class Movement:
    """Money that comes into the balance or leaves it, in the currency of the payment.

    `fee_minor` is in the balance's own currency. `waits`: it is available only a week later.
    """

    transaction_id: str
    at: datetime
    source_id: str
    type: str
    amount_minor: int
    currency: str
    fee_minor: int = 0
    category: str = ""
    waits: bool = False


def card_fee(amount_minor: int, currency: str, country: str) -> int:
    """The fee of a charge, in the balance's currency."""
    return _HOME.card_fee(converted(amount_minor, currency, _HOME.currency)[0], country)


DISPUTE_FEE: Final = _HOME.dispute_fee


class Ledger:
    """The balance up to `until`; days are closed in their order."""

    def __init__(self, account: StripeAccount, seed: int, until: datetime) -> None:
        self._account = {
            "stripe_account_id": account.stripe_account_id,
            "livemode": account.livemode,
        }
        self._seed = seed
        self._until = until
        self._by_day: defaultdict[date, list[Row]] = defaultdict(list)

    def post(self, movement: Movement) -> None:
        """Note a movement; one that is yet to come is left out."""
        if movement.at >= self._until:
            return
        row = self._row(movement)
        self._by_day[_payout_day(row["available_at"])].append(row)

    def _row(self, movement: Movement) -> Row:
        gross, rate = converted(movement.amount_minor, movement.currency, _HOME.currency)
        available_at = _midnight(movement.at) + _CHARGES_WAIT if movement.waits else movement.at
        return row_of(
            BalanceTransaction,
            **self._account,
            id=f"balance-{movement.transaction_id}",
            stripe_balance_transaction_id=movement.transaction_id,
            stripe_source_id=movement.source_id,
            type=movement.type,
            reporting_category=movement.category or movement.type,
            gross_minor=gross,
            fee_minor=movement.fee_minor,
            net_minor=gross - movement.fee_minor,
            currency=_HOME.currency,
            exchange_rate=None if rate is None else str(rate),
            created_at=movement.at,
            available_at=available_at,
        )

    def closed(self, until: date) -> Rows:
        """The rows of all payouts before a day. Nothing may be posted for these days later."""
        while ready := [day for day in self._by_day if day < until]:
            day = min(ready)
            inside = self._by_day.pop(day)
            at = datetime.combine(day, time(), UTC)
            amount = sum(row["net_minor"] for row in inside)
            if amount > 0 and at < self._until:
                yield from self._payout(at, amount, inside)
            else:
                self._by_day[_business_day(day + _DAY)] += inside

    def rest(self) -> Rows:
        """All that is left: the last payouts, and what is not paid out yet."""
        yield from self.closed(self._until.date() + _DAY)
        for inside in self._by_day.values():
            yield from ((BalanceTransaction, row) for row in inside)
        self._by_day.clear()

    def _payout(self, at: datetime, amount: int, inside: list[Row]) -> Rows:
        chance = Random(f"{self._seed}/payout/{at.date()}")  # noqa: S311 - repeatable, not secret
        tail = f"{letters(int(f'{at:%Y%m%d}'))}{chance.getrandbits(32):08x}"
        payout_id, own_id = f"po_1{tail}", f"txn_1{tail}"
        arrival_at = datetime.combine(_business_day(at.date() + _DAY), time(), UTC)
        is_itemised = at + _ITEMISED_AFTER < self._until
        status = PayoutStatus.PENDING
        if at + _SUBMITTED_AFTER < self._until:
            status = PayoutStatus.IN_TRANSIT
        if arrival_at + _PAID_AFTER < self._until:
            status = PayoutStatus.PAID
        failure: Row = {}
        failed_at = arrival_at + _FAILS_AFTER
        if chance.random() < _PAYOUTS_THAT_FAIL and failed_at < self._until:
            status = PayoutStatus.FAILED
            failure = {
                "failure_code": "account_frozen",
                "failure_message": "The bank account has been frozen.",
                "stripe_failure_balance_transaction_id": f"txn_2{tail}",
            }
            back = ("payout_failure", amount, _HOME.currency)
            self.post(
                Movement(f"txn_2{tail}", failed_at, payout_id, *back, category="payout_reversal")
            )
        own = Movement(own_id, at, payout_id, PAYOUT_TRANSACTION, -amount, _HOME.currency)
        for row in (*inside, self._row(own)):
            row["stripe_payout_id"] = payout_id if is_itemised else None
            yield BalanceTransaction, row
        yield (
            Payout,
            row_of(
                Payout,
                **self._account,
                **failure,
                id=f"payout-{payout_id}",
                stripe_payout_id=payout_id,
                status=status,
                status_as_of=at,
                amount_minor=amount,
                currency=_HOME.currency,
                is_automatic=True,
                is_itemised=is_itemised,
                method="standard",
                arrival_at=arrival_at,
                reconciliation_status="completed" if is_itemised else "in_progress",
                trace_id=f"{chance.getrandbits(48):012X}" if status is PayoutStatus.PAID else None,
                statement_descriptor="FERNHILL HEATING",
                stripe_balance_transaction_id=own_id,
                created_at=at,
                updated_at=at,
            ),
        )


def _midnight(at: datetime) -> datetime:
    return datetime.combine(at.astimezone(UTC).date(), time(), UTC)


def _payout_day(available_at: datetime) -> date:
    """The first business day at whose start the money is available."""
    day = available_at.astimezone(UTC).date()
    return _business_day(day if _midnight(available_at) == available_at else day + _DAY)


def _business_day(day: date) -> date:
    return day + timedelta(days=max(0, 7 - day.weekday())) if day.weekday() >= 5 else day

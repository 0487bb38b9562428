"""The orders of a company's past, as a plan: who orders what, and what becomes of it.

Pure: the same seed gives the same plan, and any day can be planned by itself. The demo plays the
plan at its simulated Stripe.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Final
from uuid import UUID

from cardpay.demo.plan.company_products import SOLD, Sold
from cardpay.demo.plan.made_up_people import (
    AGENTS,
    CUSTOMERS,
    SUPERVISORS,
    MadeUpPerson,
    customer,
    note,
)
from cardpay.demo.plan.seasons import coldness, days_between, orders_a_day, time_of_day
from cardpay.domain.payment.refund import RefundReason
from cardpay.domain.product_rules import Product

_FIRST_NUMBER: Final = 10_001
# By the names of the simulated Stripe's test cards.
_GOOD: Final = (
    ("gb", 46), ("gb_debit", 38), ("gb_mastercard", 26), ("mastercard_debit", 4), ("amex", 5),
    ("ie", 3), ("pl", 2), ("visa", 2),
)  # fmt: skip
_REFUSED: Final = (
    ("chargeDeclinedInsufficientFunds", 34), ("chargeDeclined", 28),
    ("chargeDeclinedIncorrectCvc", 16), ("chargeDeclinedExpiredCard", 9),
    ("visa_chargeDeclinedVelocityLimitExceeded", 5), ("chargeDeclinedProcessingError", 4),
    ("chargeDeclinedLostCard", 2), ("chargeDeclinedStolenCard", 1), ("radarBlock", 1),
)  # fmt: skip
_CHALLENGED: Final = "authenticationRequired"
_DISPUTES: Final = (("fraudulent", 50), ("product_not_received", 25), ("product_unacceptable", 15),
                    ("duplicate", 10))  # fmt: skip


@dataclass(frozen=True)
class PlannedRefund:
    """So long after the payment, of so many per cent of it."""

    after: timedelta
    per_cent: int
    by: str
    reason: RefundReason


@dataclass(frozen=True)
class PlannedDispute:
    """So long after the payment; `end` is what the bank decides, None if it has yet to."""

    after: timedelta
    reason: str
    end: str | None


@dataclass(frozen=True)
class PlannedOrder:
    """One order. `cards` are tried one after the other; only the last may succeed.

    `capture_after` is set for an order whose amount is held at first: None of one that is never
    captured. `is_challenged`: the bank asks the cardholder, who answers. `gives_up`: the caller
    has no other card, and the payment is cancelled. `is_left`: nobody calls again, and the
    payment expires.
    """

    number: int
    payment_id: str
    at: datetime
    product: Product
    quantity: int
    customer: MadeUpPerson
    note: str
    taken_by: str
    cards: tuple[str, ...]
    is_challenged: bool = False
    gives_up: bool = False
    is_left: bool = False
    is_held: bool = False
    capture_after: timedelta | None = None
    captured_per_cent: int = 100
    refund: PlannedRefund | None = None
    dispute: PlannedDispute | None = None

    @property
    def reference(self) -> str:
        """The order reference."""
        return f"FH-{self.number}"

    @property
    def amount_minor(self) -> int:
        """The order's total, in the minor unit."""
        return self.product.unit_amount_minor * self.quantity

    @property
    def chance(self) -> Random:
        """What else is random about the order, the same at each call."""
        return Random(self.payment_id)  # noqa: S311 - repeatable, not secret


@dataclass(frozen=True)
class Plan:
    """A past of so many orders of so many customers between two days, both included."""

    seed: int
    first: date
    last: date
    orders: int
    customers: int = CUSTOMERS

    def by_day(self) -> Iterator[tuple[date, int, int]]:
        """Each day with the number of its first order and how many orders it has."""
        days = days_between(self.first, self.last)
        counts = orders_a_day(self.seed, days, self.orders)
        firsts = accumulate(counts, initial=_FIRST_NUMBER)
        yield from zip(days, firsts, counts, strict=False)

    def orders_of(self, day: date, first_number: int, count: int) -> list[PlannedOrder]:
        """The orders of one day, oldest first."""
        chance = Random(f"{self.seed}/{day}")  # noqa: S311 - repeatable, not secret
        times = sorted(time_of_day(chance, day) for _ in range(count))
        return [
            order_at(chance, self.seed, first_number + place, at, self.customers)
            for place, at in enumerate(times)
        ]


def order_at(
    chance: Random, seed: int, number: int, at: datetime, customers: int = CUSTOMERS
) -> PlannedOrder:
    """An order, with what becomes of it."""
    sold = _product(chance, at.date())
    order = PlannedOrder(
        number=number,
        payment_id=str(UUID(int=chance.getrandbits(128), version=4)),
        at=at,
        product=sold.product,
        quantity=chance.choice(sold.quantities),
        # The lower numbers are regular customers.
        customer=customer(seed, int(customers * chance.random() ** 1.6)),
        note=note(chance),
        taken_by=chance.choices(AGENTS, (30, 26, 20, 14, 10))[0].actor_id,
        cards=(_one_of(chance, _GOOD),),
        is_held=sold.is_held,
    )
    return _outcome(chance, order)


def _outcome(chance: Random, order: PlannedOrder) -> PlannedOrder:
    """What becomes of the order: most are simply paid."""
    luck = chance.random()
    if luck < 0.018:
        return replace(order, cards=(_one_of(chance, _REFUSED),), gives_up=True)
    if luck < 0.026:
        return replace(order, cards=(_one_of(chance, _REFUSED),), is_left=True)
    if luck < 0.085:
        bad = tuple(_one_of(chance, _REFUSED) for _ in range(chance.choice((1, 1, 1, 2))))
        order = replace(order, cards=(*bad, *order.cards))
    elif luck < 0.105:
        order = replace(order, cards=(_CHALLENGED,), is_challenged=True)
    if order.is_held:
        return _held(chance, order)
    later = chance.random()
    if later < 0.022:
        return replace(order, refund=_refund(chance, 100))
    if later < 0.05:
        return replace(order, refund=_refund(chance, chance.choice((10, 15, 20, 25, 50))))
    if later < 0.0565:
        end = chance.choices(("lost", "won", "under_review"), (50, 40, 10))[0]
        after = timedelta(days=chance.randint(4, 45), hours=chance.randint(0, 23))
        return replace(order, dispute=PlannedDispute(after, _one_of(chance, _DISPUTES), end))
    return order


def _held(chance: Random, order: PlannedOrder) -> PlannedOrder:
    """A call-out is charged once the engineer was there: as a rule the next day."""
    if chance.random() < 0.05:
        return order  # nobody captures it, and the hold runs out
    after = timedelta(hours=chance.randint(4, 60), minutes=chance.randint(0, 59))
    return replace(
        order, capture_after=after, captured_per_cent=chance.choices((100, 80, 60), (80, 12, 8))[0]
    )


def _refund(chance: Random, per_cent: int) -> PlannedRefund:
    after = timedelta(
        days=int(18 * chance.random() ** 2),
        hours=chance.randint(0, 5),
        minutes=chance.randint(9, 59),
    )
    reason: RefundReason = chance.choices(("requested_by_customer", "duplicate"), (92, 8))[0]
    return PlannedRefund(after, per_cent, chance.choice(SUPERVISORS).actor_id, reason)


def _product(chance: Random, day: date) -> Sold:
    cold = coldness(day)
    weights = [one.winter * cold + one.summer * (1 - cold) for one in SOLD]
    return chance.choices(SOLD, weights)[0]


def _one_of(chance: Random, weighted: tuple[tuple[str, int], ...]) -> str:
    names, weights = zip(*weighted, strict=True)
    found: str = chance.choices(names, weights)[0]
    return found

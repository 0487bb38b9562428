"""Which days the demo's past covers: the last ones are shown first, the older ones follow."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Final

from cardpay.demo.past.shown_first import with_open_work
from cardpay.demo.plan.planned_orders import Plan, PlannedOrder
from cardpay.sandbox.past import Past

SEED: Final = 20_240_229  # any number: the same company in every demo
ORDERS_A_DAY: Final = 7.3
_DAYS_A_MONTH: Final = 30.44
_TUESDAY: Final = 1
_NOTE: Final = "past.span"


@dataclass(frozen=True)
class Span:
    """The past as it was planned when the demo began, at `now`.

    `shown_from` is a Tuesday at least a week ago. What is taken on a day is paid out a week later,
    and what is taken from Saturday to Monday with one payout: so the payouts of what was taken
    before and of what was taken after are different ones, and both can be made apart.
    """

    seed: int
    orders: int
    first: date
    shown_first: date
    now: datetime

    @classmethod
    def until(cls, now: datetime, months: int, seed: int = SEED) -> "Span":
        """A past of so many months; with 0, of the days that are shown first."""
        week_ago = now.date() - timedelta(days=7)
        shown_first = week_ago - timedelta(days=(week_ago.weekday() - _TUESDAY) % 7)
        first = now.date() - timedelta(days=round(months * _DAYS_A_MONTH))
        first = min(first, shown_first)
        orders = round(((now.date() - first).days + 1) * ORDERS_A_DAY)
        return cls(seed, orders, first, shown_first, now)

    @classmethod
    def noted(cls, past: Past) -> "Span | None":
        """What was noted with the simulated Stripe."""
        found = past.noted(_NOTE)
        if found is None:
            return None
        fields = json.loads(found)
        return cls(
            fields["seed"],
            fields["orders"],
            date.fromisoformat(fields["first"]),
            date.fromisoformat(fields["shown_first"]),
            datetime.fromisoformat(fields["now"]),
        )

    def note(self, past: Past) -> None:
        """Note it there."""
        past.note(_NOTE, json.dumps(asdict(self), default=lambda value: value.isoformat()))

    @property
    def began(self) -> datetime:
        """The beginning of the first day."""
        return datetime.combine(self.first, time(), UTC)

    @property
    def shown_from(self) -> datetime:
        """The beginning of the days that are shown first."""
        return datetime.combine(self.shown_first, time(), UTC)

    def older_orders(self) -> list[PlannedOrder]:
        """The orders of the days before, and no capture after them: it would be paid out later."""
        older = (order for order in self._orders if order.at < self.shown_from)
        return [_captured_before(order, self.shown_from) for order in older]

    def shown_orders(self) -> list[PlannedOrder]:
        """The orders of the days that are shown first, with some work that is still open."""
        shown = [order for order in self._orders if self.shown_from <= order.at < self.now]
        return with_open_work(shown, self.now)

    @cached_property
    def _orders(self) -> list[PlannedOrder]:
        plan = Plan(self.seed, self.first, self.now.date(), self.orders)
        return [order for day in plan.by_day() for order in plan.orders_of(*day)]


def _captured_before(order: PlannedOrder, moment: datetime) -> PlannedOrder:
    if order.capture_after is None or order.at + order.capture_after < moment:
        return order
    return replace(order, capture_after=(moment - order.at) / 2)

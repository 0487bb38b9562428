"""The last days of the past: what a visitor sees first, with something to do in it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from cardpay.demo.plan.planned_orders import PlannedDispute, PlannedOrder

# How long ago a disputed order was taken, after how long it was disputed, and why. An answer is
# due nine days later.
_DISPUTED: Final = (
    (timedelta(days=7, hours=18), timedelta(hours=9), "product_not_received"),
    (timedelta(days=6), timedelta(days=3), "fraudulent"),
    (timedelta(days=4), timedelta(days=3), "product_unacceptable"),
)
# How long ago an amount was held: the first of them runs out today.
_HELD: Final = (timedelta(days=6, hours=15), timedelta(days=3), timedelta(hours=20))
_PAID_WITHIN: Final = timedelta(minutes=10)


def with_open_work(orders: Sequence[PlannedOrder], now: datetime) -> list[PlannedOrder]:
    """The orders, some of them with a dispute to answer or a hold to capture."""
    found = {order.number: order for order in orders}
    for ago, after, reason in _DISPUTED:
        for order in _nearest(found, now - ago, now - after):
            dispute = PlannedDispute(after, reason, end=None)
            found[order.number] = replace(order, refund=None, dispute=dispute)
    for ago in _HELD:
        for order in _nearest(found, now - ago, now):
            held = replace(order, is_held=True, capture_after=None, refund=None)
            found[order.number] = held
    return list(found.values())


def _nearest(
    orders: dict[int, PlannedOrder], since: datetime, until: datetime
) -> list[PlannedOrder]:
    """The ordinary paid order that was first taken between two times; at night the last before.

    None if there is no such order.
    """
    ordinary = [
        one
        for one in orders.values()
        if one.at < until - _PAID_WITHIN
        and len(one.cards) == 1
        and one.cards[0].startswith("gb")
        and one.product.currency == "gbp"
        and not (one.gives_up or one.is_challenged or one.is_held or one.dispute)
    ]
    later = sorted((one for one in ordinary if one.at >= since), key=lambda one: one.at)
    return later[:1] or sorted(ordinary, key=lambda one: one.at)[-1:]

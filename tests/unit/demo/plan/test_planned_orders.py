"""The plan of the demo's past: repeatable, believable, and nobody's real data."""

import re
from collections import Counter
from datetime import date

import pytest

from cardpay.demo.plan.made_up_people import CUSTOMERS, customer
from cardpay.demo.plan.planned_orders import Plan, PlannedOrder

PLAN = Plan(seed=1, first=date(2026, 1, 1), last=date(2026, 12, 31), orders=4_000)
# RFC 2606, and Ofcom's "Telephone numbers for use in TV and radio drama programmes".
RESERVED = re.compile(r"[a-z.'-]+@([a-z]+\.)?example\.(com|net)")
FICTION = re.compile(r"(0113 496 0|0114 496 0|020 7946 0|07700 900|01632 960)\d{3}")


def _orders(plan: Plan) -> list[PlannedOrder]:
    return [order for day in plan.by_day() for order in plan.orders_of(*day)]


@pytest.fixture(scope="module")
def orders() -> list[PlannedOrder]:
    """A year's orders."""
    return _orders(PLAN)


def test_a_plan_has_exactly_so_many_orders_numbered_without_gaps(
    orders: list[PlannedOrder],
) -> None:
    """Each of them once."""
    assert [order.number for order in orders] == list(range(10_001, 14_001))
    assert len({order.payment_id for order in orders}) == 4_000


def test_the_same_seed_plans_the_same(orders: list[PlannedOrder]) -> None:
    """Any day by itself as well, whatever was planned before it; another seed another company."""
    days = list(PLAN.by_day())
    alone = PLAN.orders_of(*days[200])
    assert alone == [order for order in orders if order.number in {one.number for one in alone}]
    other = Plan(2, PLAN.first, PLAN.last, 4_000)
    assert {order.payment_id for order in _orders(other)}.isdisjoint(
        {order.payment_id for order in orders}
    )


def test_boilers_break_in_winter_and_callers_rest_on_sundays(orders: list[PlannedOrder]) -> None:
    """A year that looks like one."""
    repairs = Counter(
        order.at.month for order in orders if order.product.product_id == "boiler-repair"
    )
    assert repairs[1] > 4 * repairs[7]
    weekdays = Counter(order.at.weekday() for order in orders)
    assert weekdays[0] == max(weekdays.values())
    assert weekdays[6] < weekdays[5] < weekdays[4]


def test_everything_happens_to_some_orders(orders: list[PlannedOrder]) -> None:
    """As often as a desk sees it."""
    share = {
        "second card": sum(len(order.cards) > 1 for order in orders) / len(orders),
        "given up": sum(order.gives_up for order in orders) / len(orders),
        "refunded": sum(order.refund is not None for order in orders) / len(orders),
        "disputed": sum(order.dispute is not None for order in orders) / len(orders),
        "held": sum(order.is_held for order in orders) / len(orders),
    }
    assert 0.03 < share["second card"] < 0.09
    assert 0.005 < share["given up"] < 0.04
    assert 0.02 < share["refunded"] < 0.08
    assert 0.002 < share["disputed"] < 0.012
    assert 0.02 < share["held"] < 0.15
    home = sum(order.product.currency == "gbp" for order in orders) / len(orders)
    assert 0.95 < home < 1


def test_no_customer_can_be_reached() -> None:
    """E-mail addresses and telephone numbers are those that are kept free for examples."""
    people = [customer(1, number) for number in range(CUSTOMERS)]
    assert all(RESERVED.fullmatch(one.email) for one in people if one.email)
    assert all(FICTION.fullmatch(one.phone) for one in people if one.phone)
    assert len({one.name for one in people}) > CUSTOMERS * 0.8
    assert {one.email == "" for one in people} == {True, False}

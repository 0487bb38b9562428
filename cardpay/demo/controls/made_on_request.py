"""Things that happen at a visitor's wish: payments that colleagues take, a hold, a dispute."""

import random
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from cardpay.demo.past.books import keep_books
from cardpay.demo.past.older_past import play
from cardpay.demo.past.planned_acts import Act, SimulatedPast, acts_of, processing_acts
from cardpay.demo.past.span import SEED
from cardpay.demo.plan.planned_orders import PlannedOrder, order_at
from cardpay.sandbox import Sandbox
from cardpay.services.desk import Desk

_FIRST_NUMBER: Final = 20_001  # above those of the past
_NUMBER: Final = "demo.number"
_PAYMENTS: Final = 20
_WITHIN: Final = timedelta(minutes=40)
_CALL: Final = timedelta(minutes=5)
PROCESSING_SECONDS: Final = 90
_NEWEST: Final = timedelta(days=60)


def make_payments(desk: Desk, sandbox: Sandbox) -> str:
    """Twenty payments of the last minutes, some declined; returns a sentence about them."""
    now = desk.now()
    step = (_WITHIN - _CALL) / _PAYMENTS
    orders = [_order(sandbox, now - _WITHIN + step * place) for place in range(_PAYMENTS)]
    _make(desk, sandbox, acts_of(orders), now)
    return f"{_PAYMENTS} payments were taken: {orders[0].reference} to {orders[-1].reference}."


def make_hold(desk: Desk, sandbox: Sandbox) -> str:
    """An amount that is held on a card; returns a sentence about it."""
    now = desk.now()
    order = replace(_plain(_order(sandbox, now - _CALL)), is_held=True)
    _make(desk, sandbox, acts_of([order]), now)
    return f"{order.reference}: an amount is held for 7 days. Capture it on the payment's page."


def make_processing(desk: Desk, sandbox: Sandbox) -> str:
    """A payment whose bank takes its time; returns a sentence about it."""
    now = desk.now()
    order = _plain(_order(sandbox, now - _CALL))
    _make(
        desk, sandbox, processing_acts(order, now - timedelta(seconds=1), PROCESSING_SECONDS), now
    )
    return f"{order.reference} is processing. The bank answers in about a minute."


def make_dispute(desk: Desk, sandbox: Sandbox) -> str:
    """A dispute of the newest payment that can have one; returns a sentence about it."""
    charge = _newest_charge(sandbox, desk.now())
    if charge is None:
        return "There is no paid payment to dispute. Take one first."
    sandbox.outside.open_dispute(charge["id"], "product_not_received")
    reference = charge["metadata"].get("order_reference", "A payment")
    return f"{reference} is disputed: an answer is due in 9 days."


def _make(desk: Desk, sandbox: Sandbox, acts: list[Act], now: datetime) -> None:
    """Play what lies before now, and keep the books of it."""
    at_stripe = SimulatedPast(sandbox, sandbox.recent_past())
    acts = [act for act in acts if act.at < now]
    with at_stripe.past.batch():
        play(at_stripe, acts)
        at_stripe.past.move_to(now)
    with desk.store.transaction() as session:
        keep_books(session, desk, at_stripe, acts, (acts[0].at, now))


def _order(sandbox: Sandbox, at: datetime) -> PlannedOrder:
    chance = random.Random()  # noqa: S311 - another order each time, no secret
    past = sandbox.recent_past()
    with past.batch():
        number = int(past.noted(_NUMBER) or _FIRST_NUMBER)
        past.note(_NUMBER, str(number + 1))
    return order_at(chance, SEED, number, at)


def _plain(order: PlannedOrder) -> PlannedOrder:
    """The same order, paid with the first card."""
    return replace(
        order, cards=("gb",), is_challenged=False, gives_up=False, is_left=False, is_held=False,
        capture_after=None, refund=None, dispute=None,
    )  # fmt: skip


def _newest_charge(sandbox: Sandbox, now: datetime) -> dict[str, Any] | None:
    """The newest one of the desk's that was paid, and neither refunded nor disputed."""
    for charge in sandbox.recent_past().created("charge", now - _NEWEST, now):
        contested = charge["disputed"] or charge["amount_refunded"]
        if charge["captured"] and not contested and "payment_id" in charge["metadata"]:
            return charge
    return None

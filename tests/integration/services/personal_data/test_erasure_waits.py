"""What has not ended keeps its customer's details, and is named."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from cardpay.services.after_payment.refunds import refund_payment
from cardpay.services.history.begin_reconciliation import reconcile
from cardpay.services.personal_data import erasure
from cardpay.services.personal_data.erasure import StillNeeded
from cardpay.services.taking.cancel_payment import cancel_payment
from tests.integration.services.personal_data.customer import (
    BY_EMAIL,
    NAME,
    WHO,
    erase,
    erased_entries,
    paid,
)
from tests.integration.services.personal_data.stored_personal_data import in_rows
from tests.support.desks.worlds import SUPERVISOR, World


def _awaits_card(world: World) -> str:
    return world.created(order_reference="SO-9", **WHO).payment_id


def _holds(world: World) -> str:
    return world.pay(world.created(order_reference="SO-9", hold=True, **WHO)).payment.payment_id


def _unanswered(world: World) -> str:
    payment = world.created(order_reference="SO-9", **WHO)
    world.sandbox.faults.add("timeout_before", path="*/confirm", times=2)
    return world.pay(payment).payment.payment_id


def _disputed(world: World) -> str:
    payment = world.created(order_reference="SO-9", **WHO)
    world.pay(payment, "4000000000000259")
    world.clock.advance(hours=1)
    reconcile(world.desk, SUPERVISOR, since=world.desk.now() - timedelta(days=2))
    return payment.payment_id


def _refunded_soon(world: World) -> str:
    payment = world.pay(world.created(order_reference="SO-9", **WHO), "4000000000007726").payment
    refund_payment(world.desk, SUPERVISOR, payment.payment_id, 100, "duplicate", "submission-1")
    return payment.payment_id


@pytest.mark.parametrize(
    ("begun", "why"),
    [
        pytest.param(_awaits_card, "Awaiting card", id="awaits a card"),
        pytest.param(_holds, "Authorised", id="a hold"),
        pytest.param(_unanswered, "Checking with Stripe", id="unknown"),
        pytest.param(_disputed, "disputed", id="disputed"),
        pytest.param(_refunded_soon, "a refund is on its way", id="refund on its way"),
    ],
)
def test_what_has_not_ended_keeps_its_details(
    world: World, begun: Callable[[World], str], why: str
) -> None:
    """Somebody has to be able to reach the customer; it is named with the reason."""
    paid(world, "SO-1")
    payment_id = begun(world)
    before = erasure.preview(world.desk.store, BY_EMAIL)
    assert (before.erasable, before.kept) == (1, 1)
    assert before.still_needed == (StillNeeded(payment_id, why),)
    assert erase(world) == 1
    assert in_rows(world.desk.store, [NAME]) == {"customer_detail"}
    assert payment_id not in [row.subject_id for row in erased_entries(world)]


def test_what_was_open_goes_once_it_has_ended(world: World) -> None:
    """The command is run again."""
    payment = world.created(order_reference="SO-1", **WHO)
    assert erase(world) == 0
    cancel_payment(world.desk, SUPERVISOR, payment.payment_id)
    assert erase(world) == 1

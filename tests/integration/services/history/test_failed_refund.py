"""A refund that fails after it has succeeded: its money is back in the payment's net."""

import pytest
from sqlmodel import select

from cardpay.reporting.payment_page.payment_details import payment_details
from cardpay.services.after_payment.refunds import refund_payment
from cardpay.services.history.begin_import import import_history
from cardpay.storage.schema.tables import BalanceTransaction
from tests.integration.services.history.conftest import REFUND_FAILS
from tests.support.desks.paid_out import look_back
from tests.support.desks.worlds import SUPERVISOR, World


def _net(world: World, payment_id: str) -> list[int]:
    found = payment_details(world.desk.store, SUPERVISOR, payment_id, now=world.desk.now())
    return [settled.net.amount_minor for settled in found.settlements]


@pytest.mark.parametrize("way_in", ["reconcile", "backfill"])
def test_its_money_comes_back(world: World, way_in: str) -> None:
    """By a transaction of its own, which counts once, whatever it names as its source."""
    payment = world.pay(world.created(), REFUND_FAILS).payment
    refund_payment(world.desk, SUPERVISOR, payment.payment_id, 5_000, "duplicate", "form-1")
    world.clock.advance(days=3)
    world.sandbox.run_due()
    if way_in == "reconcile":
        look_back(world)
    else:
        import_history(world.desk, SUPERVISOR)
    stated = world.listed("/v1/balance_transactions?limit=100")
    assert sorted(one["type"] for one in stated) == ["charge", "refund", "refund_failure"]
    expected = [sum(one["net"] for one in stated)]
    (charge,) = world.successful_charges()
    for source in (str(world.refunds()[0]["id"]), str(charge["id"]), None):
        with world.desk.store.transaction() as session:
            back = session.exec(
                select(BalanceTransaction).where(BalanceTransaction.type == "refund_failure")
            ).one()
            back.stripe_source_id = source
        assert _net(world, payment.payment_id) == expected

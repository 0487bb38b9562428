"""A payment whose money Stripe has paid out to the bank."""

from datetime import timedelta
from typing import Any

from sqlmodel import select

from cardpay.services.history.begin_reconciliation import reconcile
from cardpay.storage.schema.tables import BalanceTransaction, Payout
from tests.support.desks.worlds import SUPERVISOR, World

# Its money is available at once (Stripe docs: "Testing", available balance).
_BYPASS_PENDING = "4000000000000077"


def paid_out(world: World) -> str:
    """The id of the payout, which the desk has itemised by reconciliation."""
    world.elsewhere(_BYPASS_PENDING)
    world.clock.advance(days=1)
    world.listed("/v1/payouts")
    world.clock.advance(hours=3)
    look_back(world)
    (found,) = world.listed("/v1/payouts")
    return str(found["id"])


def look_back(world: World) -> None:
    """The desk compares itself with Stripe."""
    reconcile(world.desk, SUPERVISOR, since=world.desk.now() - timedelta(days=7))


def change_payout(world: World, **fields: Any) -> None:
    """Set these fields of the payout that the desk knows."""
    with world.desk.store.transaction() as session:
        payout = session.exec(select(Payout)).one()
        for name, value in fields.items():
            setattr(payout, name, value)


def lose_a_cent(world: World) -> None:
    """One of the payout's transactions is a cent less than Stripe says."""
    with world.desk.store.transaction() as session:
        charge = session.exec(
            select(BalanceTransaction).where(BalanceTransaction.type == "charge")
        ).one()
        charge.net_minor -= 1

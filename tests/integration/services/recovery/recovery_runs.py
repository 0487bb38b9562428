"""Recovering minute by minute, and the operations that came of it."""

from collections.abc import Sequence
from datetime import timedelta

from sqlmodel import col, select

from cardpay.services.recovery.recovery_task import recover_all
from cardpay.storage.schema.tables import Operation
from tests.support.desks.worlds import World

DAY = timedelta(hours=24)
BOTH_TRIES = 2  # the SDK sends a write twice before it gives up


def recover_each_minute(world: World, count: int) -> None:
    """Run recovery once for each of `count` minutes that pass."""
    for _ in range(count):
        world.clock.advance(minutes=1)
        recover_all(world.desk, DAY)


def operations(world: World, kind: str) -> Sequence[Operation]:
    """All operations of a kind, oldest first."""
    with world.desk.store.reading() as session:
        return session.exec(
            select(Operation).where(Operation.kind == kind).order_by(col(Operation.created_at))
        ).all()


def operation(world: World, kind: str) -> Operation:
    """The only operation of a kind."""
    (found,) = operations(world, kind)
    return found

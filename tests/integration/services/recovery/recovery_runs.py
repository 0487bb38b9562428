"""Recovering minute by minute, and the operations that came of it."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlmodel import col, select

from cardpay.domain.access.actor import SYSTEM, Actor
from cardpay.domain.access.permissions import Role
from cardpay.domain.errors import PaymentClosed
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.payment.status import CancellationCause, PaymentStatus
from cardpay.services.recovery.recovery_task import recover_all
from cardpay.services.stripe_facts.payment_facts import apply_intent
from cardpay.services.taking.cancel_payment import cancel_payment
from cardpay.services.taking.create_payment import create_payment
from cardpay.services.taking.payment_view import PaymentView
from cardpay.storage.database.lease import exclusive
from cardpay.storage.payments import unfinished
from cardpay.storage.schema.tables import Operation, Payment
from tests.support.databases.query_plans import plans
from tests.support.desks.worlds import AGENT, CHALLENGE, DECLINED, World, draft
from tests.support.secrets.log_lines import lines

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



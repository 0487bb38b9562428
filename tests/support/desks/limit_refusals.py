"""Orders in a world with limits, and what a refusal leaves behind."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from sqlmodel import select

from cardpay.domain.access.actor import Actor
from cardpay.domain.payment.limit_rules import LimitReached
from cardpay.services.taking.create_payment import create_payment
from cardpay.services.taking.payment_view import PaymentView
from cardpay.storage.schema.tables import AuditEntry
from tests.support.desks.worlds import AGENT, World, draft


def an_order(world: World, actor: Actor = AGENT) -> PaymentView:
    """A payment of a new order that waits for a card."""
    return create_payment(world.desk, actor, draft(order_reference=f"SO-{uuid4().hex[:8]}"))


def sent(world: World) -> list[tuple[str, str]]:
    """What the desk asked of Stripe since the last clearing; the browser's own is left out."""
    return [call for call in world.calls() if call != ("POST", "/v1/payment_methods")]


def refused(world: World, act: Callable[[], object]) -> LimitReached:
    """The refusal of an act that sends nothing."""
    world.sandbox.clear_requests()
    with pytest.raises(LimitReached) as reached:
        act()
    assert [call for call in sent(world) if call[0] == "POST"] == []
    return reached.value


def entries(world: World) -> list[AuditEntry]:
    """The audit log's entries about limits."""
    with world.desk.store.reading() as session:
        return list(
            session.exec(select(AuditEntry).where(AuditEntry.act == "limit.reached")).all()
        )

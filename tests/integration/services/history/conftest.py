"""A desk with a Stripe that has a past, and a way to compare what two databases hold."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Role
from cardpay.services.desk import Desk
from cardpay.storage.database.engine import Store, connect
from cardpay.storage.schema.tables import (
    BalanceTransaction,
    Dispute,
    Payment,
    PaymentAttempt,
    Refund,
)
from tests.support.databases.databases import Databases
from tests.support.desks import worlds
from tests.support.desks.worlds import AUDIT_KEYS, CHALLENGE, DECLINED, World

SUPERVISOR = Actor("supervisor-1", frozenset({Role.SUPERVISOR}), "test")
BLOCKED = "4100000000000019"
REFUND_FAILS = "4000000000005126"
REFUND_PENDING = "4000000000007726"
DISPUTED = "4000000000000259"

# What tells when we learnt a thing rather than what Stripe said.
_OURS = {"updated_at", "status_as_of", "settled_at"}
_TABLES = (Payment, PaymentAttempt, Refund, Dispute, BalanceTransaction)

Rows = dict[str, list[dict[str, Any]]]


def rows(desk: Desk, *, leave_out: set[str] = _OURS) -> Rows:
    """All that a database knows of Stripe's objects, in the order of their ids."""
    with desk.store.reading() as session:
        return {
            table.__name__: sorted(
                (row.model_dump(exclude=leave_out) for row in session.exec(select(table))),
                key=lambda row: str(row["id"]),
            )
            for table in _TABLES
        }


@dataclass
class Past:
    """What happened at Stripe while the desk looked elsewhere."""

    world: World

    def refund(self, intent_id: str, amount_minor: int) -> str:
        """Give some back; the Refund's id."""
        asked = {"payment_intent": intent_id, "amount": str(amount_minor)}
        return str(self.world.posted("/v1/refunds", asked)["id"])

    def retry(self, intent_id: str, number: str) -> None:
        """Another card on the same PaymentIntent."""
        path = f"/v1/payment_intents/{intent_id}/confirm"
        self.world.posted(path, {"payment_method": self.world.card(number)})

    def tell(self) -> None:
        """One of everything, a minute apart."""
        world = self.world
        for number in ("4242424242424242", REFUND_FAILS, REFUND_PENDING):
            paid = world.elsewhere(number, metadata={"order_reference": f"WEB-{number[-4:]}"})
            self.refund(paid, 1_000)
            self.refund(paid, 500)
            world.clock.advance(minutes=1)
        for number in (DECLINED, BLOCKED, CHALLENGE, DISPUTED):
            world.elsewhere(number, metadata={"order_reference": "4242 4242 4242 4242"})
            world.clock.advance(minutes=1)
        for numbers in ((DECLINED, "4242424242424242"), (BLOCKED, DECLINED)):
            begun = world.elsewhere(numbers[0])
            world.clock.advance(minutes=1)
            self.retry(begun, numbers[1])
        world.elsewhere(capture_method="manual")
        captured = world.elsewhere(capture_method="manual")
        world.posted(f"/v1/payment_intents/{captured}/capture", {"amount_to_capture": "4000"})
        for number in (DECLINED, CHALLENGE):
            given_up = world.elsewhere(number)
            world.posted(f"/v1/payment_intents/{given_up}/cancel", {})
        expired = world.elsewhere(capture_method="manual")
        world.posted(f"/v1/payment_intents/{expired}/cancel", {})
        world.clock.advance(minutes=5)


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[World]:
    """A desk and a Stripe, both empty."""
    with worlds.world(tmp_path, database_url=database_url) as made:
        yield made


@pytest.fixture
def past(world: World) -> Past:
    """What can happen elsewhere."""
    return Past(world)


@pytest.fixture
def another_desk(world: World, databases: Databases, migrated: str) -> Iterator[Desk]:
    """A second desk at the same Stripe, with an empty database of its own."""
    with databases.copy(migrated) as url:
        desk = replace(world.desk, store=Store(connect(url), AUDIT_KEYS))
        yield desk
        desk.store.close()

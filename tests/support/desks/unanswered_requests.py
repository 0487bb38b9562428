"""A capture or a refund that gets no answer, and what became of it on both sides."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from uuid import uuid4

from sqlmodel import select

from cardpay.domain.access.actor import SYSTEM, Actor
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.gateway import snapshot_parsing
from cardpay.gateway.stripe_gateway import NewRefund
from cardpay.reporting.operations.open_operations import OpenOperation, open_operations
from cardpay.services.after_payment.captures import capture_payment
from cardpay.services.after_payment.refunds import refund_payment
from cardpay.services.recovery.recovery_task import recover_all
from cardpay.services.stripe_facts.apply_facts import apply_fact
from cardpay.services.taking.payment_view import PaymentView
from cardpay.storage.schema.tables import Operation, Refund
from tests.support.desks.worlds import SUPERVISOR, World

BOTH_TRIES = 2  # the SDK sends a write twice before it gives up
AMOUNT_MINOR = 5_000


@dataclass
class Unanswered:
    """A world in which something that moves money has got no answer."""

    world: World
    kind: Literal["capture", "refund"]

    @property
    def path(self) -> str:
        """Where it is asked for."""
        return "*/capture" if self.kind == "capture" else "/v1/refunds"

    def asked(self, fault: str, *, executed: bool = False) -> PaymentView:
        """A payment for which it was asked once, without an answer."""
        world = self.world
        if self.kind == "capture":
            payment = world.pay(world.created(hold=True)).payment
            act: Callable[[], PaymentView] = lambda: capture_payment(  # noqa: E731
                world.desk, SUPERVISOR, payment.payment_id, AMOUNT_MINOR, str(uuid4())
            )
        else:
            payment = world.pay(world.created()).payment
            act = lambda: refund_payment(  # noqa: E731
                world.desk, SUPERVISOR, payment.payment_id, AMOUNT_MINOR, "duplicate", str(uuid4())
            )
        self.fail(fault, executed=executed)
        return act()

    def fail(self, fault: str, *, executed: bool = False) -> None:
        """The next write of this kind gets no answer."""
        times = 1 if fault == "rate_limit" else BOTH_TRIES  # the SDK does not repeat a 429
        self.world.sandbox.faults.add(
            fault, method="POST", path=self.path, times=times, executed=executed
        )

    def happened(self) -> int:
        """How often Stripe did it, for the amount that was asked for."""
        if self.kind == "refund":
            return [row["amount"] for row in self.world.refunds()].count(AMOUNT_MINOR)
        charges = self.world.successful_charges()
        return [charge["amount_captured"] for charge in charges].count(AMOUNT_MINOR)

    def sent(self) -> int:
        """How often it was sent since the last clearing."""
        name = "/capture" if self.kind == "capture" else "/refunds"
        calls = self.world.calls()
        return sum(method == "POST" and path.endswith(name) for method, path in calls)

    def alone(self, minutes: int = 12) -> None:
        """Nobody is there; the recovery task is."""
        for _ in range(minutes):
            self.world.clock.advance(minutes=1)
            recover_all(self.world.desk, None)

    def open(self, actor: Actor = SUPERVISOR) -> list[OpenOperation]:
        """What the Operations page shows."""
        return list(open_operations(self.world.desk.store, actor))

    def arrives_late(self, operation_id: str, key: str = "") -> None:
        """Stripe carries the request out after all, under its own key or another."""
        with self.world.desk.store.reading() as session:
            operation = session.get(Operation, operation_id)
        assert operation is not None
        request, key = operation.request, key or operation.idempotency_key
        gateway = self.world.desk.gateway
        if self.kind == "capture":
            gateway.capture_payment_intent(
                request["payment_intent_id"], request["amount_minor"], key
            )
        else:
            metadata = {"refund_id": request["refund_id"], "payment_id": operation.payment_id}
            new = NewRefund(
                request["payment_intent_id"], request["amount_minor"], request["reason"], metadata
            )
            gateway.create_refund(new, key)

    def is_told(self, payment: PaymentView) -> None:
        """Stripe's events say how it stands."""
        desk = self.world.desk
        intent_id = str(payment.payment_intent_id)
        with desk.store.transaction() as session:
            if self.kind == "capture":
                intent = desk.gateway.retrieve_payment_intent(intent_id)
                apply_fact(session, desk, SYSTEM, intent, asked_at=None)
            else:
                for refund in map(snapshot_parsing.refund, self.world.refunds()):
                    apply_fact(session, desk, SYSTEM, refund, asked_at=None)

    def agrees(self, payment: PaymentView) -> bool:
        """Whether the desk's rows say what Stripe's objects say."""
        seen = self.world.now_is(payment)
        with self.world.desk.store.reading() as session:
            ours = session.exec(select(Refund)).all()
        theirs = self.world.refunds()
        captured = seen.display is DisplayStatus.SUCCEEDED
        if self.kind == "capture":
            return captured == bool(self.happened())
        return sorted(str(row.stripe_refund_id) for row in ours) == sorted(
            str(row["id"]) for row in theirs
        )

"""Stripe's webhooks on their way to the desk, on the simulator's clock.

The queue, the retries and the faults are the sandbox's own. What is added: deliveries overlap,
a receiver dies under one, its answer gets lost, and some accounts render their events in
another API version.
"""

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cardpay.sandbox import Sandbox, scheduled_changes
from cardpay.sandbox.fault_injection import WEBHOOK_KINDS
from cardpay.sandbox.webhook_sender import _Delivery, signature
from tests.faults.simulator.fault_coverage import FaultCoverage
from tests.faults.simulator.scheduler import Killed, Process, Schedule
from tests.faults.simulator.stripe_record import StripeRecord
from tests.faults.simulator.unknown_forms import UnknownForms

URL = "https://desk.invalid/webhooks/stripe"
Receive = Callable[[bytes, str], int]

_FAULTS = sorted(WEBHOOK_KINDS)
_DELAYS_SECONDS = (5, 120, 3600)
_OLD_VERSION = "2019-12-03"
# Whoever reads more than ids from an event of another version is wrong about these.
_MISLEADING = {
    "payment_intent": {"status": "succeeded", "amount": 1, "amount_received": 1},
    "charge": {"status": "failed", "amount": 1, "amount_refunded": 1},
    "refund": {"status": "failed", "amount": 1},
    "dispute": {"status": "won", "amount": 1},
    "checkout.session": {"status": "complete", "payment_intent": "pi_1"},
}


@dataclass
class WebhookDelivery:
    """Delivers. `receive` is the desk's receiver: body and signature to an HTTP status."""

    sandbox: Sandbox
    record: StripeRecord
    schedule: Schedule
    processes: tuple[Process, ...]
    fault_rate: float
    old_version: bool
    met: FaultCoverage
    unknown_forms: UnknownForms
    receive: Receive = lambda _body, _signature: 503  # nobody is there yet
    lost: set[str] = field(default_factory=set)  # ids of events
    deliveries: int = 0
    _on_the_way: Counter[int] = field(default_factory=Counter)
    _next_round_at: datetime | None = None

    def __post_init__(self) -> None:
        self.sandbox.webhooks.add_endpoint(URL, self.sandbox.webhook_secret, self._deliver)

    def plan(self) -> None:
        """Come when the next thing is due: a delivery, or what happens by itself at Stripe."""
        busy = ",".join(map(str, self._on_the_way))
        rows = self.sandbox._state.store.run(
            f"SELECT min(due_at) FROM (SELECT due_at FROM delivery WHERE seq NOT IN ({busy})"
            " UNION ALL SELECT at FROM due)"
        )
        if rows[0][0] is None:
            return
        at = datetime.fromtimestamp(rows[0][0], UTC)
        if self._next_round_at is None or at < self._next_round_at:
            self._next_round_at = at
            seconds = (at - self.schedule.now()).total_seconds()
            self.schedule.at(max(seconds, 0) + self.schedule.chance.random(), self._round)

    def _round(self) -> None:
        """Send off what is due, each delivery by itself."""
        self._next_round_at = None
        self.sandbox.clock.set(self.schedule.now())
        with self.sandbox._state.store.transaction():
            scheduled_changes.run_due(self.sandbox._state)
            due = self.sandbox.webhooks._due()
        self.record.note()
        for delivery in due:
            if delivery.seq not in self._on_the_way:
                self._send_off(delivery)
        self.plan()

    def _send_off(self, delivery: _Delivery) -> None:
        chance, faults = self.schedule.chance, self.sandbox.faults
        fault = chance.choice(_FAULTS) if chance.random() < self.fault_rate else None
        if fault is not None:
            faults.add(fault, seconds=chance.choice(_DELAYS_SECONDS))
            self.met.note(fault)
        if fault == "lose":
            self.lost.add(delivery.event_id)
        held_back: list[_Delivery] = []
        times = self.sandbox.webhooks._times_to_send(delivery, held_back)
        faults.clear()

        def carry() -> None:
            self._carry(delivery)

        for _ in range(times):
            self._on_the_way[delivery.seq] += 1
            self.schedule.at(chance.choice((0.2, 0.2, 2.0)) * chance.random(), carry)
        for _ in held_back:
            self._on_the_way[delivery.seq] += 1
            self.schedule.at(chance.choice((2, 60)) * chance.random(), carry)

    def _carry(self, delivery: _Delivery) -> None:
        self.deliveries += 1
        self.sandbox.webhooks._try(delivery)
        if self._was_given_up(delivery):
            self.lost.add(delivery.event_id)
        self._on_the_way[delivery.seq] -= 1
        if not self._on_the_way[delivery.seq]:
            del self._on_the_way[delivery.seq]
        self.plan()

    def _was_given_up(self, delivery: _Delivery) -> bool:
        """Whether Stripe tries no more, after three days, and nobody has taken it."""
        store = self.sandbox._state.store
        event = store.find("event", delivery.event_id)
        queued = store.run("SELECT 1 FROM delivery WHERE seq = ?", (delivery.seq,))
        return not queued and event is not None and event["pending_webhooks"] > 0

    def _deliver(self, _url: str, headers: Mapping[str, str], body: bytes) -> int:
        """The status that Stripe is answered; 0 where no answer gets back."""
        chance = self.schedule.chance
        signed = headers["Stripe-Signature"]
        sent = self.unknown_forms.rewritten(_in_old_version(body) if self.old_version else body)
        if sent != body:
            body = sent
            signed = signature(body, self.sandbox.webhook_secret, int(time.time()))
        if chance.random() < self.fault_rate / 4:
            return 0  # nobody is there
        try:
            with self.schedule.inside(chance.choice(self.processes)):
                self.schedule.step()
                status = self.receive(body, signed)
                self.schedule.step()
        except Killed:
            return 0
        return 0 if chance.random() < self.fault_rate / 4 else status


def _in_old_version(body: bytes) -> bytes:
    event = json.loads(body)
    event["api_version"] = _OLD_VERSION
    thing = event["data"]["object"]
    thing.update(_MISLEADING.get(thing["object"], {}))
    return json.dumps(event).encode()

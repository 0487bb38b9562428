"""The line between the desk and its Stripe: all that can go wrong on it, and what was seen.

Every fault of the sandbox itself may strike. Beside them, a request may be slow on either way,
may outlive the connection and be executed long after the desk gave up waiting, and the process
may die before it is sent or before its answer is read.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from cardpay.gateway.stripe_gateway import SECONDS_PER_TRY
from cardpay.sandbox import Sandbox
from cardpay.sandbox.fault_injection import REQUEST_KINDS
from cardpay.sandbox.http.request_handler import Reply
from cardpay.sandbox.outside_changes import OutsideChanges
from tests.faults.simulator.fault_coverage import (
    BEFORE_READING,
    BEFORE_SENDING,
    KEY_IN_USE,
    FaultCoverage,
    kind_of,
)
from tests.faults.simulator.scheduler import Schedule
from tests.faults.simulator.stripe_record import StripeRecord
from tests.faults.simulator.unknown_forms import UnknownForms

_LATEST_SECONDS = 1800.0
_SLOW_SECONDS = (SECONDS_PER_TRY, 60.0)  # a delay that the desk waits for, or gives up on
_WAY_BACK_SECONDS = 1.0
_FAULTS = sorted(REQUEST_KINDS)
_OUTLIVING = "outliving its connection"


@dataclass(frozen=True)
class Write:
    """A request of the desk's that changes something, as it was sent."""

    at: datetime
    path: str
    idempotency_key: str
    unwatched: bool


@dataclass
class StripeConnection:
    """Carries requests to the sandbox. `fault_rate` is how likely one goes wrong."""

    sandbox: Sandbox
    schedule: Schedule
    fault_rate: float
    record: StripeRecord
    met: FaultCoverage
    unknown_forms: UnknownForms = field(default_factory=UnknownForms)
    writes: list[Write] = field(default_factory=list)
    after: Callable[[], None] = lambda: None  # what to do after each request

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """The desk's transport."""
        reply = self._carry(method, target, headers, body)
        return replace(reply, body=self.unknown_forms.rewritten(reply.body))

    def _carry(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        chance, schedule = self.schedule.chance, self.schedule
        kind = kind_of(method, target)
        with self.met.death(BEFORE_SENDING, [kind]) as surely:
            schedule.step(surely=surely)
            if method == "POST":
                key = headers["Idempotency-Key"]
                self.writes.append(Write(schedule.now(), target, key, schedule.is_unwatched))
            if not schedule.in_actor:
                return self.execute(method, target, headers, body)
            schedule.sleep(chance.choice((0.2, 0.2, 1.0, SECONDS_PER_TRY * 0.6)) * chance.random())
        fault = self._choose_fault(kind)
        if fault == _OUTLIVING:
            self._outlive(method, target, headers, body)
        if fault is not None:
            self.met.note(f"{kind}: {fault}")
        if fault == "delay":
            reply = self._delay(method, target, headers, body)
        else:
            reply = self._struck(fault, method, target, headers, body)
        if reply.status == 409 and fault != "conflict":
            self.met.note(KEY_IN_USE)
        with self.met.death(BEFORE_READING, [kind]) as surely:
            schedule.die_perhaps(surely=surely)
            schedule.sleep(chance.choice((0.2, 0.2, 1.0, SECONDS_PER_TRY * 0.4)) * chance.random())
        return reply

    def sleep(self, seconds: float) -> None:
        """Stands in for `time.sleep` where the sandbox waits: its clock goes on meanwhile."""
        self.schedule.sleep(seconds)
        self.sandbox.clock.set(self.schedule.now())

    def execute(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Let the sandbox answer, and note what became of the account."""
        self.sandbox.clock.set(self.schedule.now())
        try:
            return self.sandbox.handle(method, target, headers, body)
        finally:
            self.record.note()
            self.after()

    def change(self, act: Callable[[OutsideChanges], object]) -> None:
        """What happens at Stripe without a request; nothing where it cannot happen."""
        self.sandbox.clock.set(self.schedule.now())
        with suppress(ValueError):
            act(self.sandbox.outside)
        self.record.note()
        self.after()

    def browser_posts(self, path: str, fields: dict[str, str]) -> dict[str, Any]:
        """What the browser asks, with its publishable key; it has no faults of its own."""
        headers = {"Authorization": f"Bearer {self.sandbox.publishable_key}"}
        reply = self.execute("POST", path, headers, urlencode(fields).encode())
        answer: dict[str, Any] = json.loads(reply.body)
        return answer

    def customer_posts(self, path: str, fields: dict[str, str]) -> str:
        """What a customer sends on one of Stripe's pages; where their browser goes then."""
        self.sandbox.clock.set(self.schedule.now())
        page = self.sandbox.page("POST", path, fields)
        self.record.note()
        self.after()
        return page.location or ""

    def listed(self, path: str) -> list[dict[str, Any]]:
        """Everything of a kind, as Stripe's dashboard shows it."""
        headers = {"Authorization": f"Bearer {self.sandbox.secret_key}"}
        found: list[dict[str, Any]] = []
        while True:
            after = f"&starting_after={found[-1]['id']}" if found else ""
            reply = self.execute("GET", f"{path}?limit=100{after}", headers, b"")
            page = json.loads(reply.body)
            found += page["data"]
            if not page["has_more"]:
                return found

    def _choose_fault(self, kind: str) -> str | None:
        """What this seed aims at, or whatever chance says."""
        chance = self.schedule.chance
        aimed = [fault for fault in _FAULTS if f"{kind}: {fault}" in self.met.aims]
        if aimed:
            return aimed[0]
        if chance.random() >= self.fault_rate:
            return None
        return _OUTLIVING if chance.random() < 0.2 else chance.choice(_FAULTS)

    def _struck(
        self, fault: str | None, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Reply:
        """The sandbox answers at once, or does what the fault says."""
        if fault is not None:
            executed = self.schedule.chance.random() < 0.5
            self.sandbox.faults.add(fault, executed=executed, seconds=0)
        try:
            return self.execute(method, target, headers, body)
        except TimeoutError:
            self.schedule.sleep(SECONDS_PER_TRY)
            raise
        finally:
            self.sandbox.faults.clear()

    def _delay(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Stripe is slow about it. Whether the desk waits, or lives, makes no difference to it."""
        chance = self.schedule.chance
        seconds = chance.choice(_SLOW_SECONDS) * chance.random()
        replies: list[Reply] = []

        def run() -> None:
            self.sandbox.faults.add("delay", seconds=seconds)
            replies.append(self.execute(method, target, headers, body))

        self.schedule.at(0, run)
        self.schedule.sleep(min(seconds + _WAY_BACK_SECONDS, SECONDS_PER_TRY))
        if not replies:
            raise TimeoutError("no answer came in time")
        return replies[0]

    def _outlive(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> None:
        """The connection times out, and the request is executed whenever Stripe comes to it."""
        later = self.schedule.chance.choice((5.0, 60.0, _LATEST_SECONDS))

        def arrive() -> None:
            self.execute(method, target, headers, body)

        self.schedule.at(self.schedule.chance.random() * later, arrive)
        self.schedule.sleep(SECONDS_PER_TRY)
        raise TimeoutError("no answer came in time")

"""The line between the desk and its Stripe: all that can go wrong on it, and what was seen.

Beside the faults of the sandbox itself, a request may be slow on either way, may outlive the
connection and be executed long after the desk gave up waiting, and the process may die before
it is sent or before its answer is read.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from cardpay.gateway.in_process import Reply
from cardpay.gateway.stripe_gateway import SECONDS_PER_TRY
from cardpay.sandbox import Sandbox
from tests.faults.schedule import Schedule
from tests.faults.stripe_truth import StripeTruth

_LATEST_SECONDS = 1800.0
_FAULTS = (
    *("timeout_before", "timeout_after", "drop_before", "drop_after"),
    *("conflict", "rate_limit", "lock_timeout", "error_500"),
)


@dataclass(frozen=True)
class Write:
    """A request of the desk's that changes something, as it was sent."""

    at: datetime
    path: str
    idempotency_key: str
    unwatched: bool


@dataclass
class StripeLine:
    """Carries requests to the sandbox. `fault_rate` is how likely one goes wrong."""

    sandbox: Sandbox
    schedule: Schedule
    fault_rate: float
    truth: StripeTruth
    writes: list[Write] = field(default_factory=list)
    after: Callable[[], None] = lambda: None  # what to do after each request

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """The desk's transport."""
        chance, schedule = self.schedule.chance, self.schedule
        schedule.step()
        if method == "POST":
            key = headers["Idempotency-Key"]
            self.writes.append(Write(schedule.now(), target, key, schedule.is_unwatched))
        if not schedule.in_actor:
            return self.execute(method, target, headers, body)
        schedule.sleep(chance.choice((0.2, 0.2, 1.0, SECONDS_PER_TRY * 0.6)) * chance.random())
        fault = chance.random() < self.fault_rate
        if fault and chance.random() < 0.2:
            self._outlive(method, target, headers, body)
        if fault:
            self.sandbox.faults.add(
                chance.choice(_FAULTS), executed=chance.random() < 0.5, seconds=0
            )
        try:
            reply = self.execute(method, target, headers, body)
        except TimeoutError:
            schedule.sleep(SECONDS_PER_TRY)
            raise
        finally:
            self.sandbox.faults.clear()
        schedule.die_perhaps()
        schedule.sleep(chance.choice((0.2, 0.2, 1.0, SECONDS_PER_TRY * 0.4)) * chance.random())
        return reply

    def execute(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Let the sandbox answer, and note what became of the account."""
        self.sandbox.clock.set(self.schedule.now())
        try:
            return self.sandbox.handle(method, target, headers, body)
        finally:
            self.truth.note()
            self.after()

    def browser_posts(self, path: str, fields: dict[str, str]) -> dict[str, Any]:
        """What the browser asks, with its publishable key; it has no faults of its own."""
        headers = {"Authorization": f"Bearer {self.sandbox.publishable_key}"}
        reply = self.execute("POST", path, headers, urlencode(fields).encode())
        answer: dict[str, Any] = json.loads(reply.body)
        return answer

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

    def _outlive(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> None:
        """The connection times out, and the request is executed whenever Stripe comes to it."""
        later = self.schedule.chance.choice((5.0, 60.0, _LATEST_SECONDS))

        def arrive() -> None:
            self.execute(method, target, headers, body)

        self.schedule.at(self.schedule.chance.random() * later, arrive)
        self.schedule.sleep(SECONDS_PER_TRY)
        raise TimeoutError("no answer came in time")

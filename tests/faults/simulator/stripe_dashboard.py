"""What others do in the same Stripe account, past the desk: in its dashboard, or elsewhere.

All of it reaches the desk by webhooks alone.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from urllib.parse import urlencode

from tests.faults.simulator.desk_world import DeskWorld

_CARDS = ("visa", "visa", "chargeDeclined", "createDispute", "refundFail", "pendingRefund")
_VERDICTS = ("winning_evidence", "losing_evidence")


def come(world: DeskWorld) -> None:
    """Somebody does a few things there in the course of the hour, in some runs."""
    chance = world.schedule.chance
    if chance.random() < 0.5:
        return
    dashboard = Dashboard(world)
    for _ in range(chance.randint(1, 4)):
        world.schedule.at(chance.random() * 1800, chance.choice(dashboard.acts))


@dataclass
class Dashboard:
    """Each act is one request or a few, and may well be refused by Stripe."""

    world: DeskWorld

    @property
    def acts(self) -> tuple[Callable[[], None], ...]:
        """What can be done there."""
        return (self.take, self.take, self.refund, self.cancel, self.capture, self.argue)

    def take(self) -> None:
        """A payment of another system's; perhaps a hold, perhaps declined, perhaps unfinished."""
        fields = {
            "amount": str(self._chance.randint(100, 5000)),
            "currency": "gbp",
            "allowed_payment_method_types[0]": "card",
            "capture_method": self._chance.choice(("automatic", "manual")),
            "description": "Invoice 7",
        }
        if self._chance.random() < 0.8:
            card = self._chance.choice(_CARDS)
            fields |= {"confirm": "true", "payment_method": f"pm_card_{card}"}
        self._post("/v1/payment_intents", fields)

    def refund(self) -> None:
        """Some of a payment, whoever took it."""
        if paid := sorted(self.world.record.captured):
            amount = str(self._chance.randint(1, 3000))
            intent_id = self._chance.choice(paid)
            self._post("/v1/refunds", {"payment_intent": intent_id, "amount": amount})

    def cancel(self) -> None:
        """A payment, whoever began it."""
        if intents := sorted(self.world.record.statuses):
            self._post(f"/v1/payment_intents/{self._chance.choice(intents)}/cancel", {})

    def capture(self) -> None:
        """A hold, whoever placed it."""
        held = [
            intent_id
            for intent_id, seen in sorted(self.world.record.statuses.items())
            if seen[-1] == "requires_capture"
        ]
        if held:
            self._post(f"/v1/payment_intents/{self._chance.choice(held)}/capture", {})

    def argue(self) -> None:
        """Answer a dispute, for better or worse."""
        if disputes := self.world.connection.listed("/v1/disputes"):
            evidence = {"evidence[uncategorized_text]": self._chance.choice(_VERDICTS)}
            self._post(f"/v1/disputes/{self._chance.choice(disputes)['id']}", evidence)

    @property
    def _chance(self) -> Random:
        return self.world.schedule.chance

    def _post(self, path: str, fields: dict[str, str]) -> None:
        headers = {"Authorization": f"Bearer {self.world.connection.sandbox.secret_key}"}
        reply = self.world.connection.execute("POST", path, headers, urlencode(fields).encode())
        answer = json.loads(reply.body)
        if reply.status == 200:
            self.world.elsewhere.add(answer["id"])

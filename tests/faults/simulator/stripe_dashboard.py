"""What others do in the same Stripe account, past the desk: in its dashboard, or elsewhere.

All of it reaches the desk by webhooks alone.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from urllib.parse import urlencode

from tests.faults.simulator.desk_world import DeskWorld
from tests.faults.simulator.fault_coverage import (
    COPY,
    COPY_OF_LINK,
    OTHER_METHOD,
    in_unknown_form,
)
from tests.faults.simulator.stripe_record import ELSEWHERE
from tests.faults.simulator.unknown_forms import FORMS, OTHER_METHODS

_CARDS = ("visa", "visa", "chargeDeclined", "createDispute", "refundFail", "pendingRefund")
_AVAILABLE_AT_ONCE, _SETTLED_SECONDS = "pm_card_bypassPending", 10.0
_IN_UNKNOWN_FORM = 0.6  # of the refunds and payouts
_VERDICTS = ("winning_evidence", "losing_evidence")


def come(world: DeskWorld) -> None:
    """Somebody does a few things there in the course of the hour, in some runs."""
    chance, dashboard = world.schedule.chance, Dashboard(world)
    if world.met.aims_at("create") and chance.random() < 0.5:
        # Beside a create without an answer stands what could be taken for it, or hide it.
        for act in (dashboard.copy, dashboard.take_in_unknown_form):
            world.schedule.at(chance.random() * 120, act)
    if world.met.aims_at("create_link") and chance.random() < 0.5:
        world.schedule.at(chance.random() * 600, dashboard.copy_of_link)
    if chance.random() < 0.5:
        return
    for _ in range(chance.randint(1, 4)):
        world.schedule.at(chance.random() * 1800, chance.choice(dashboard.acts))


@dataclass
class Dashboard:
    """Each act is one request or a few, and may well be refused by Stripe."""

    world: DeskWorld

    @property
    def acts(self) -> tuple[Callable[[], object], ...]:
        """What can be done there."""
        return (
            *(self.take, self.take, self.refund, self.cancel, self.capture, self.argue),
            *(self.take_in_unknown_form, self.take_by_other_method, self.copy, self.copy_of_link),
            *(self.pay_out, self.expire),
        )

    def take(self, **given: str) -> str | None:
        """A payment of another system's; perhaps a hold, perhaps declined, perhaps unfinished."""
        fields = {
            "amount": str(self._chance.randint(100, 5000)),
            "currency": "gbp",
            "allowed_payment_method_types[0]": "card",
            "capture_method": self._chance.choice(("automatic", "manual")),
            "description": ELSEWHERE,
        }
        if self._chance.random() < 0.8:
            card = self._chance.choice(_CARDS)
            fields |= {"confirm": "true", "payment_method": f"pm_card_{card}"}
        return self._post("/v1/payment_intents", fields | given)

    def take_in_unknown_form(self) -> None:
        """A payment of another system's, which uses what Stripe has had for a short time."""
        if intent_id := self.take():
            self._deform("payment_intent", intent_id)

    def take_by_other_method(self) -> None:
        """A payment of another system's, by something else than a card."""
        if intent_id := self.take():
            method = self._chance.choice(tuple(OTHER_METHODS))
            self.world.unknown_forms.methods[intent_id] = method
            self.world.met.note(OTHER_METHOD)

    def copy(self) -> None:
        """Another system copies a payment of the desk's, and changes the amount or a word.

        What is the same in all is the desk's own for whoever looks at it.
        """
        intents = self.world.connection.listed("/v1/payment_intents")
        originals = [one for one in intents if one["description"] != ELSEWHERE]
        if not originals:
            return
        original = self._chance.choice(originals)
        metadata, amount = dict(original["metadata"]), original["amount"]
        if self._chance.random() < 0.5:
            amount += self._chance.randint(1, 500)
        else:
            metadata["taken_by"] = "shop"
        fields = {f"metadata[{name}]": value for name, value in metadata.items()}
        if self.take(amount=str(amount), currency=original["currency"], **fields):
            self.world.met.note(COPY)

    def copy_of_link(self) -> None:
        """Another system takes a payment with all that a link of the desk's says."""
        if sessions := self.world.connection.listed("/v1/checkout/sessions"):
            session = self._chance.choice(sessions)
            fields = {f"metadata[{name}]": value for name, value in session["metadata"].items()}
            amount, currency = str(session["amount_total"]), session["currency"]
            if self.take(amount=amount, currency=currency, **fields):
                self.world.met.note(COPY_OF_LINK)

    def expire(self) -> None:
        """A link of the desk's is closed there."""
        if sessions := self.world.connection.listed("/v1/checkout/sessions"):
            self._post(f"/v1/checkout/sessions/{self._chance.choice(sessions)['id']}/expire", {})

    def pay_out(self) -> None:
        """What was just taken, by hand, for as long as the bank does not have it."""
        self.take(confirm="true", capture_method="automatic", payment_method=_AVAILABLE_AT_ONCE)
        self.world.schedule.at(_SETTLED_SECONDS, self._pay_out)

    def _pay_out(self) -> None:
        amount = str(self._chance.randint(1, 60))
        payout_id = self._post("/v1/payouts", {"amount": amount, "currency": "eur"})
        if payout_id and self._chance.random() < _IN_UNKNOWN_FORM:
            self._deform("payout", payout_id)
        if payout_id and self._chance.random() < 0.3:
            self._post(f"/v1/payouts/{payout_id}/cancel", {})

    def refund(self) -> None:
        """Some of a payment, whoever took it."""
        if paid := sorted(self.world.record.captured):
            amount = str(self._chance.randint(1, 3000))
            intent_id = self._chance.choice(paid)
            fields = {"payment_intent": intent_id, "amount": amount}
            refund_id = self._post("/v1/refunds", fields)
            if refund_id and self._chance.random() < _IN_UNKNOWN_FORM:
                self._deform("refund", refund_id)

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

    def _deform(self, kind: str, object_id: str) -> None:
        form = self._chance.choice(FORMS[kind])
        self.world.unknown_forms.forms[object_id] = form
        self.world.met.note(in_unknown_form(kind, form))

    @property
    def _chance(self) -> Random:
        return self.world.schedule.chance

    def _post(self, path: str, fields: dict[str, str]) -> str | None:
        """The id of what it made or changed, None if Stripe refused."""
        headers = {"Authorization": f"Bearer {self.world.connection.sandbox.secret_key}"}
        reply = self.world.connection.execute("POST", path, headers, urlencode(fields).encode())
        answer = json.loads(reply.body)
        if reply.status != 200:
            return None
        self.world.elsewhere.add(answer["id"])
        return str(answer["id"])

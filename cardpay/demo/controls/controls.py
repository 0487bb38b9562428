"""All that a visitor of the demo can make happen, as one object."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cardpay.demo.controls import made_on_request, stripe_behaviour
from cardpay.demo.controls.begin_again import begin_again
from cardpay.demo.controls.stripe_behaviour import Answering, Delivering
from cardpay.demo.past.older_past import OlderPast, PastProgress
from cardpay.sandbox import Sandbox
from cardpay.services.desk import Desk

MADE: Final[dict[str, Callable[[Desk, Sandbox], str]]] = {
    "Dispute": made_on_request.make_dispute,
    "Hold": made_on_request.make_hold,
    "Processing": made_on_request.make_processing,
    "20 payments": made_on_request.make_payments,
}
"""What can be made, by its name."""


@dataclass(frozen=True)
class Controls:
    """The controls of one demo. `months` of past are invented when it begins again.

    `heads` is the file that says where its audit log ended.
    """

    desk: Desk
    sandbox: Sandbox
    older_past: OlderPast
    months: int
    heads: Path

    @property
    def progress(self) -> PastProgress | None:
        """How much of the past is made; None once all is."""
        return self.older_past.progress

    @property
    def answering(self) -> Answering:
        """How Stripe answers now."""
        return stripe_behaviour.answering(self.sandbox)

    def answer(self, wanted: Answering) -> None:
        """Let it answer so from now on."""
        stripe_behaviour.set_answering(self.sandbox, wanted)

    @property
    def delivering(self) -> Delivering:
        """How Stripe delivers webhooks now."""
        return stripe_behaviour.delivering(self.sandbox)

    def deliver(self, wanted: Delivering) -> None:
        """Let it deliver them so from now on."""
        stripe_behaviour.set_delivering(self.sandbox, wanted)

    def make(self, name: str) -> str:
        """Make one of `MADE`; returns a sentence about it."""
        return MADE[name](self.desk, self.sandbox)

    def begin_again(self) -> None:
        """Forget everything, and invent the past anew."""
        begin_again(self.desk, self.sandbox, self.older_past, self.months, self.heads)

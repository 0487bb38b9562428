"""What has really happened at Stripe, moment by moment, whatever the desk was told of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from cardpay.sandbox import Sandbox


@dataclass(frozen=True)
class Charge:
    """A successful Charge, as it began. `payment_id` is Stripe's id for one made elsewhere."""

    at: datetime
    payment_id: str
    payment_intent_id: str
    payment_method_id: str
    charge_id: str


@dataclass(frozen=True)
class Returned:
    """A Refund, as it began. `our_refund_id` is there for one that the desk asked for."""

    at: datetime
    refund_id: str
    payment_intent_id: str
    amount_minor: int
    our_refund_id: str | None


# The description of every payment that another system takes, whatever its metadata says.
ELSEWHERE = "Invoice 7"

_INTENTS = f"""
SELECT id, CASE json_extract(body, '$.description') WHEN '{ELSEWHERE}' THEN NULL
                ELSE json_extract(body, '$.metadata.payment_id') END,
       json_extract(body, '$.status'),
       json_extract(body, '$.amount_received')
FROM object WHERE kind = 'payment_intent'
"""
_CHARGES = """
SELECT id, json_extract(body, '$.payment_intent'), json_extract(body, '$.payment_method')
FROM object WHERE kind = 'charge' AND json_extract(body, '$.status') = 'succeeded'
"""
_REFUNDS = """
SELECT id, json_extract(body, '$.payment_intent'), json_extract(body, '$.amount'),
       json_extract(body, '$.metadata.refund_id')
FROM object WHERE kind = 'refund'
"""


@dataclass
class StripeRecord:
    """The account's history. It looks into the sandbox's own table, which costs no request."""

    sandbox: Sandbox
    now: Callable[[], datetime]
    # The statuses of each PaymentIntent, one after the other.
    statuses: dict[str, list[str]] = field(default_factory=dict)
    payment_ids: dict[str, str] = field(default_factory=dict)  # of each PaymentIntent
    charges: dict[str, Charge] = field(default_factory=dict)
    refunds: dict[str, Returned] = field(default_factory=dict)
    captured: dict[str, datetime] = field(default_factory=dict)  # when each PaymentIntent was paid
    _changes: int = 0

    def note(self) -> None:
        """Write down what is new."""
        store = self.sandbox._state.store
        changes = store._sqlite.total_changes
        if changes == self._changes:
            return
        self._changes = changes
        for intent_id, payment_id, status, received in store.run(_INTENTS):
            self.payment_ids[intent_id] = payment_id or intent_id
            # One that is confirmed at its making is told of as it was just before, too.
            seen = self.statuses.setdefault(intent_id, ["requires_payment_method"])
            if seen[-1] != status:
                seen.append(status)
            if received and intent_id not in self.captured:
                self.captured[intent_id] = self.now()
        for charge_id, intent_id, method_id in store.run(_CHARGES):
            if charge_id not in self.charges:
                self.charges[charge_id] = Charge(
                    self.now(), self.payment_ids[intent_id], intent_id, method_id, charge_id
                )
        for refund_id, intent_id, amount_minor, ours in store.run(_REFUNDS):
            if refund_id not in self.refunds:
                self.refunds[refund_id] = Returned(
                    self.now(), refund_id, intent_id, amount_minor, ours
                )

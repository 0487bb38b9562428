"""What people and banks did about the planned orders: each a dated act at the simulated Stripe."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from cardpay.demo.past.simulated_stripe import card_fields, post
from cardpay.demo.plan.made_up_people import SUPERVISORS
from cardpay.demo.plan.planned_orders import PlannedOrder
from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.payment.expiry_rules import UNPAID_LIFETIME
from cardpay.domain.payment.operation import OperationKind
from cardpay.sandbox import Sandbox
from cardpay.sandbox.past import Past

_ANSWERED_AFTER: Final = timedelta(days=5)
_DECIDED_AFTER: Final = timedelta(days=33)
_TAKING: Final = {OperationKind.CREATE, OperationKind.CONFIRM}
_POSTCODES: Final = ("LS1 4AP", "LS6 2QB", "LS8 1NT", "BD1 5AH", "WF1 2DX", "HG1 1TR", "YO1 7HH")


@dataclass
class SimulatedPast:
    """The account as it was, and the PaymentIntents of its orders by the payments' ids."""

    sandbox: Sandbox
    past: Past
    intents: dict[str, str] = field(default_factory=dict)

    def post(self, path: str, **fields: str) -> dict[str, object]:
        """What Stripe answers to the desk."""
        return post(self.past, self.sandbox.secret_key, path, fields)

    def find_intents(self, since: datetime, until: datetime) -> None:
        """Find those that were made before, by another process."""
        for intent in self.past.created("payment_intent", since, until):
            self.intents[intent["metadata"].get("payment_id", "")] = intent["id"]


@dataclass(frozen=True)
class Act:
    """Something that was done about an order, at a time.

    `kind` is that of the operation that the desk made of it, with its number; None where a bank
    or Stripe did it. `by` did it.
    """

    at: datetime
    order: PlannedOrder
    do: Callable[[SimulatedPast], None]
    kind: OperationKind | None = None
    number: int = 0
    by: str = ""


def acts_of(orders: Iterable[PlannedOrder]) -> list[Act]:
    """All acts about some orders, in order of time."""
    return sorted((act for order in orders for act in _acts(order)), key=lambda act: act.at)


def acts_until(orders: Iterable[PlannedOrder], now: datetime) -> list[Act]:
    """The acts before `now`, in order of time, but for orders whose card is being taken just then.

    What is half taken then would be open for ever: nobody is on the telephone.
    """
    done = []
    for order in orders:
        acts = list(_acts(order))
        taken_at = max(act.at for act in acts if act.kind in _TAKING)
        if taken_at < now:
            done += [act for act in acts if act.at < now]
    return sorted(done, key=lambda act: act.at)


def processing_acts(order: PlannedOrder, asked_at: datetime, seconds: int) -> list[Act]:
    """The acts about an order whose bank is asked then, and takes so long to answer."""
    create, confirm = list(_acts(order))[:2]
    order = replace(order, at=asked_at - (confirm.at - create.at))
    create, confirm = list(_acts(order))[:2]

    def do(at_stripe: SimulatedPast) -> None:
        method = _payment_method(at_stripe, order, order.cards[0])
        intent_id = at_stripe.intents[order.payment_id]
        at_stripe.past.outside.begin_processing(intent_id, method, seconds)

    return [create, replace(confirm, do=do)]


def captured_minor(order: PlannedOrder) -> int:
    """How much of a held amount is charged."""
    return order.amount_minor * order.captured_per_cent // 100


def refund_minor(order: PlannedOrder) -> int:
    """How much of a payment is refunded."""
    assert order.refund is not None
    return order.amount_minor * order.refund.per_cent // 100


def _acts(order: PlannedOrder) -> Iterator[Act]:
    chance = order.chance
    at = order.at
    yield Act(at, order, lambda at_stripe: _create(at_stripe, order), OperationKind.CREATE, 0,
              order.taken_by)  # fmt: skip
    for number, card in enumerate(order.cards):
        at += timedelta(seconds=chance.randint(25, 110))
        yield Act(at, order, _confirm(order, card), OperationKind.CONFIRM, number, order.taken_by)
    if order.is_challenged:
        at += timedelta(seconds=chance.randint(12, 50))
        yield Act(at, order, lambda at_stripe: _answer_challenge(at_stripe, order))
    if order.gives_up:
        at += timedelta(seconds=chance.randint(20, 90))
        yield Act(at, order, lambda at_stripe: _cancel(at_stripe, order), OperationKind.CANCEL, 0,
                  order.taken_by)  # fmt: skip
    elif order.is_left:
        yield Act(at + UNPAID_LIFETIME, order, lambda at_stripe: _cancel(at_stripe, order),
                  OperationKind.CANCEL, 0, SYSTEM.actor_id)  # fmt: skip
    if order.capture_after is not None:
        by = chance.choice(SUPERVISORS).actor_id
        yield Act(at + order.capture_after, order, lambda at_stripe: _capture(at_stripe, order),
                  OperationKind.CAPTURE, 0, by)  # fmt: skip
    if order.refund is not None:
        yield Act(at + order.refund.after, order, lambda at_stripe: _refund(at_stripe, order),
                  OperationKind.REFUND, 0, order.refund.by)  # fmt: skip
    if order.dispute is not None:
        yield from _dispute(order, at + order.dispute.after)


def _create(at_stripe: SimulatedPast, order: PlannedOrder) -> None:
    made = at_stripe.post("/v1/payment_intents", **intent_fields(order))
    at_stripe.intents[order.payment_id] = str(made["id"])


def intent_fields(order: PlannedOrder) -> dict[str, str]:
    """What the desk asks Stripe for."""
    fields = {
        "amount": str(order.amount_minor),
        "currency": order.product.currency,
        "description": f"Order {order.reference}",
        "allowed_payment_method_types[0]": "card",
        "capture_method": "manual" if order.is_held else "automatic",
    }
    return fields | {f"metadata[{name}]": value for name, value in metadata(order).items()}


def metadata(order: PlannedOrder) -> dict[str, str]:
    """What the desk writes about the order at Stripe."""
    return {
        "payment_id": order.payment_id,
        "product_id": order.product.product_id,
        "product_name": order.product.name,
        "unit_amount": str(order.product.unit_amount_minor),
        "quantity": str(order.quantity),
        "order_reference": order.reference,
        "taken_by": order.taken_by,
    }


def _confirm(order: PlannedOrder, card: str) -> Callable[[SimulatedPast], None]:
    def do(at_stripe: SimulatedPast) -> None:
        method = _payment_method(at_stripe, order, card)
        path = f"{_path(at_stripe, order)}/confirm"
        at_stripe.post(path, payment_method=method, use_stripe_sdk="true")

    return do


def _payment_method(at_stripe: SimulatedPast, order: PlannedOrder, card: str) -> str:
    """Make the PaymentMethod of a card, as the browser does; returns its id."""
    chance = order.chance
    expiry = (chance.randint(1, 12), order.at.year + chance.randint(1, 4))
    fields = card_fields(card, order.customer.name, expiry, chance.choice(_POSTCODES))
    key = at_stripe.sandbox.publishable_key
    return str(post(at_stripe.past, key, "/v1/payment_methods", fields)["id"])


def _answer_challenge(at_stripe: SimulatedPast, order: PlannedOrder) -> None:
    intent_id = at_stripe.intents[order.payment_id]
    intent = at_stripe.past.find("payment_intent", intent_id)
    fields = {
        "payment_intent": intent_id,
        "client_secret": intent["client_secret"],
        "outcome": "complete",
    }
    key = at_stripe.sandbox.publishable_key
    post(at_stripe.past, key, "/v1/sandbox/three_d_secure", fields)


def _cancel(at_stripe: SimulatedPast, order: PlannedOrder) -> None:
    at_stripe.post(f"{_path(at_stripe, order)}/cancel")


def _capture(at_stripe: SimulatedPast, order: PlannedOrder) -> None:
    amount = str(captured_minor(order))
    at_stripe.post(f"{_path(at_stripe, order)}/capture", amount_to_capture=amount)


def _refund(at_stripe: SimulatedPast, order: PlannedOrder) -> None:
    assert order.refund is not None
    fields = {
        "payment_intent": at_stripe.intents[order.payment_id],
        "amount": str(refund_minor(order)),
        "reason": order.refund.reason,
        "metadata[refund_id]": refund_id(order),
        "metadata[payment_id]": order.payment_id,
    }
    at_stripe.post("/v1/refunds", **fields)


def refund_id(order: PlannedOrder) -> str:
    """The id of the order's refund at the desk."""
    return operation_id(order, OperationKind.REFUND, 1)


def operation_id(order: PlannedOrder, kind: OperationKind, number: int) -> str:
    """The id of one of the order's operations: always the same."""
    return str(uuid5(UUID(order.payment_id), f"{kind}/{number}"))


def _dispute(order: PlannedOrder, at: datetime) -> Iterator[Act]:
    """A dispute, what the desk answers, and what the bank decides."""
    assert order.dispute is not None
    reason, end = order.dispute.reason, order.dispute.end
    yield Act(at, order, lambda at_stripe: _open_dispute(at_stripe, order, reason))
    if end in {"won", "under_review"}:
        yield Act(at + _ANSWERED_AFTER, order, _move_dispute(order, "under_review"))
        yield Act(at + _DECIDED_AFTER, order, _move_dispute(order, "won"))


def _open_dispute(at_stripe: SimulatedPast, order: PlannedOrder, reason: str) -> None:
    intent = at_stripe.past.find("payment_intent", at_stripe.intents[order.payment_id])
    at_stripe.past.outside.open_dispute(intent["latest_charge"], reason)


def _move_dispute(order: PlannedOrder, status: str) -> Callable[[SimulatedPast], None]:
    def do(at_stripe: SimulatedPast) -> None:
        (dispute,) = at_stripe.past.disputes_of(at_stripe.intents[order.payment_id])
        at_stripe.past.outside.move_dispute(dispute["id"], status)

    return do


def _path(at_stripe: SimulatedPast, order: PlannedOrder) -> str:
    return f"/v1/payment_intents/{at_stripe.intents[order.payment_id]}"

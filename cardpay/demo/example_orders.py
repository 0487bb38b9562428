"""The demo's orders: how many of each kind, when, their cards, and the rows that one leaves."""

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from sqlmodel import SQLModel

from cardpay.domain.access.permissions import Role
from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.domain.payment.display_status import DisplayStatus, display_status
from cardpay.domain.payment.operation import OperationKind, OperationState
from cardpay.domain.payment.order import order_claim
from cardpay.domain.payment.status import CancellationCause, PaymentStatus
from cardpay.domain.stripe_facts.attempt_fold import method_fields, outcome_of_error
from cardpay.domain.stripe_facts.snapshots import PaymentIntentSnapshot
from cardpay.gateway.errors import CardDeclined
from cardpay.gateway.stripe_gateway import NewPaymentIntent, NewRefund, StripeGateway
from cardpay.sandbox import Sandbox
from cardpay.services import catalogue
from cardpay.services.stripe_writes.idempotent_replay import idempotency_key
from cardpay.storage.schema.tables import (
    AuditEntry,
    CustomerDetail,
    Operation,
    Payment,
    PaymentAttempt,
)

# How often each of the example products is bought.
_WEIGHTS = (30, 12, 25, 14, 8, 6, 5)
_GOOD = ("4242424242424242", "5555555555554444", "378282246310005")
_BAD = (
    "4000000000000002",
    "4000000000009995",
    "4000000000000069",
    "4000000000000127",
    "4000000000006975",
)
_CHALLENGE = "4000002500003155"
_DISPUTED = "4000000000000259"
_CLERKS = ("desk-north", "desk-south", "desk-west")

STORIES = (
    ("paid", 209),
    ("refunded in part", 14),
    ("refunded", 6),
    ("disputed", 3),
    ("second card", 30),
    ("challenge", 14),
    ("gave up", 16),
    ("challenge failed, second card", 8),
)
"""How often each kind of order occurs in the demo's past."""

DAYS: Final = 90
"""Over so many days before today the orders are spread, the later ones closer together."""
_FIRST_HOUR, _LAST_HOUR = 8, 18  # UTC: a working day


@dataclass
class DemoHistory:
    """What the demo's history is made with; `rows` are those that it leaves in the database."""

    sandbox: Sandbox
    gateway: StripeGateway
    chance: random.Random
    now: datetime
    rows: list[SQLModel] = field(default_factory=list)

    def at(self, moment: datetime) -> None:
        """Set the time, and the sandbox's clock with it."""
        self.now = moment
        self.sandbox.clock.set(moment)

    def later(self, least_seconds: int, most_seconds: int) -> None:
        """Let a random time between the two pass."""
        pause = self.chance.randint(least_seconds, most_seconds)
        self.at(self.now + timedelta(seconds=pause))

    def new_id(self) -> str:
        """A UUID, the same in every demo."""
        return str(UUID(int=self.chance.getrandbits(128), version=4))


def order_times(history: DemoHistory, count: int) -> list[datetime]:
    """When the orders are taken, oldest first."""
    chance = history.chance
    today = history.now.replace(hour=0, minute=0, second=0, microsecond=0)
    return sorted(
        today
        - timedelta(days=1 + int(DAYS * chance.random() ** 1.3))
        + timedelta(seconds=chance.randint(_FIRST_HOUR * 3600, _LAST_HOUR * 3600))
        for _ in range(count)
    )


def add_order(history: DemoHistory, number: int, story: str) -> None:
    """Take an order at the sandbox as the story goes; `number` is that of its reference."""
    chance = history.chance
    payment = _new_order(history, number)
    intent = _create_payment_intent(history, payment)
    good = chance.choices(_GOOD, (60, 30, 10))[0]
    cards = {
        "paid": (good,),
        "refunded in part": (good,),
        "refunded": (good,),
        "disputed": (_DISPUTED,),
        "second card": (chance.choice(_BAD), good),
        "challenge": (_CHALLENGE,),
        "challenge failed, second card": (_CHALLENGE, good),
        "gave up": (chance.choice(_BAD),),
    }[story]
    last: PaymentAttempt | None = None
    for card in cards:
        history.later(30, 150)
        intent, last = _try_card(
            history, payment, card, challenge="fail" if len(cards) > 1 else "complete"
        )
    if story == "gave up":
        history.later(20, 90)
        operation = _finished_operation(
            history, payment, OperationKind.CANCEL, {"cause": CancellationCause.REQUESTED}
        )
        intent = history.gateway.cancel_payment_intent(
            intent.payment_intent_id, operation.idempotency_key
        )
        payment.cancellation_cause = CancellationCause.REQUESTED
        payment.canceled_at = intent.canceled_at
    _apply_intent(history, payment, intent, last)
    if story.startswith("refunded"):
        history.later(600, 1_800)
        part = payment.amount_minor // 4 * 2 if story == "refunded in part" else None
        _refund_in_dashboard(history, intent, part or payment.amount_minor)


def _new_order(history: DemoHistory, number: int) -> Payment:
    """A new payment for a caller's order, without a PaymentIntent."""
    chance = history.chance
    (product,) = chance.choices(catalogue.EXAMPLES, _WEIGHTS)
    quantity = chance.choices((1, 2, 3, 5), (70, 18, 8, 4))[0]
    customer = chance.randint(1, 180)
    reference = f"SO-{10_000 + number}"
    payment = Payment(
        id=history.new_id(),
        stripe_account_id=history.sandbox.account_id,
        livemode=False,
        display_status=DisplayStatus.CHECKING,
        amount_minor=product.total(quantity).amount_minor,
        currency=product.currency,
        product_id=product.product_id,
        product_name=product.name,
        unit_amount_minor=product.unit_amount_minor,
        quantity=quantity,
        order_reference=reference,
        search_reference=order_claim(reference),
        order_claim=order_claim(reference),
        taken_by=chance.choice(_CLERKS),
        created_at=history.now,
    )
    email = f"customer.{customer:03}@example.com"
    history.rows += [
        payment,
        CustomerDetail(
            payment_id=payment.id,
            name=f"Customer {customer:03}",
            email=email,
            search_name=f"customer {customer:03}",
            search_email=email,
            created_at=history.now,
        ),
    ]
    return payment


def _create_payment_intent(history: DemoHistory, payment: Payment) -> PaymentIntentSnapshot:
    """Create the payment's PaymentIntent at the sandbox."""
    new = NewPaymentIntent(
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        description=f"Order {payment.order_reference}",
        metadata={
            "payment_id": payment.id,
            "product_id": payment.product_id or "",
            "product_name": payment.product_name,
            "unit_amount": str(payment.unit_amount_minor),
            "quantity": str(payment.quantity),
            "order_reference": payment.order_reference,
            "taken_by": payment.taken_by,
        },
    )
    request = {
        "amount_minor": new.amount_minor,
        "currency": new.currency,
        "description": new.description,
        "metadata": dict(new.metadata),
        "capture_method": new.capture_method,
    }
    operation = _finished_operation(history, payment, OperationKind.CREATE, request)
    intent = history.gateway.create_payment_intent(new, operation.idempotency_key)
    payment.stripe_payment_intent_id = intent.payment_intent_id
    payment.stripe_created_at = intent.created_at
    return intent


def _try_card(
    history: DemoHistory, payment: Payment, number: str, challenge: str
) -> tuple[PaymentIntentSnapshot, PaymentAttempt]:
    """Confirm with a card. `challenge` is what a challenge is answered with: complete or fail."""
    assert payment.stripe_payment_intent_id is not None
    method_id = _payment_method(history, number)
    operation = _finished_operation(
        history, payment, OperationKind.CONFIRM, {"payment_method_id": method_id}
    )
    attempt = PaymentAttempt(
        id=history.new_id(),
        stripe_account_id=payment.stripe_account_id,
        livemode=False,
        payment_id=payment.id,
        operation_id=operation.id,
        actor_id=operation.actor_id,
        submission_id=history.new_id(),
        outcome=AttemptOutcome.SUCCEEDED,
        stripe_payment_method_id=method_id,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        created_at=history.now,
        settled_at=history.now,
    )
    history.rows.append(attempt)
    try:
        intent = history.gateway.confirm_payment_intent(
            payment.stripe_payment_intent_id,
            method_id,
            moto=False,
            idempotency_key=operation.idempotency_key,
        )
    except CardDeclined as declined:
        if declined.payment_intent is None:
            raise
        intent = declined.payment_intent
    if intent.status is PaymentStatus.REQUIRES_ACTION:
        history.later(15, 40)
        _answer_challenge(history, intent, challenge)
        intent = history.gateway.retrieve_payment_intent(intent.payment_intent_id)
    _store_outcome(attempt, intent)
    return intent, attempt


def _store_outcome(attempt: PaymentAttempt, intent: PaymentIntentSnapshot) -> None:
    error = intent.last_error
    method = intent.latest_charge.method if intent.latest_charge else None
    if intent.status is PaymentStatus.REQUIRES_PAYMENT_METHOD and error is not None:
        method = error.method
        attempt.outcome = outcome_of_error(error)
        attempt.failure_code = error.code
        attempt.decline_code = error.decline_code
        attempt.network_decline_code = error.network_decline_code
        attempt.stripe_charge_id = error.charge_id
    else:
        attempt.stripe_charge_id = intent.latest_charge_id
    for name, value in method_fields(method).items():
        setattr(attempt, name, value)


def _refund_in_dashboard(
    history: DemoHistory, intent: PaymentIntentSnapshot, amount_minor: int
) -> None:
    """Refund in Stripe's dashboard, that is without the desk."""
    new = NewRefund(intent.payment_intent_id, amount_minor, "requested_by_customer", {})
    history.gateway.create_refund(new, history.new_id())


def _apply_intent(
    history: DemoHistory,
    payment: Payment,
    intent: PaymentIntentSnapshot,
    attempt: PaymentAttempt | None,
) -> None:
    """Set the payment's row as applying Stripe's last answer would have."""
    payment.status = intent.status
    payment.status_as_of = payment.updated_at = history.now
    payment.amount_received_minor = intent.amount_received_minor
    payment.latest_charge_id = intent.latest_charge_id
    word = display_status(
        intent.status,
        has_open_operation=False,
        last_attempt=attempt.outcome if attempt else None,
        cancellation_cause=payment.cancellation_cause,
    )
    payment.display_status = word
    if word is DisplayStatus.CANCELLED:
        payment.order_claim = None
    if word is DisplayStatus.SUCCEEDED:
        payment.succeeded_at = history.now
    if attempt is not None:
        payment.payment_method_type = attempt.method_type
        payment.card_brand, payment.card_last4 = attempt.card_brand, attempt.card_last4


def _finished_operation(
    history: DemoHistory, payment: Payment, kind: OperationKind, request: dict[str, Any]
) -> Operation:
    """Add a finished operation, and the audit entry of the act."""
    operation_id = history.new_id()
    operation = Operation(
        id=operation_id,
        stripe_account_id=payment.stripe_account_id,
        livemode=False,
        payment_id=payment.id,
        kind=kind,
        idempotency_key=idempotency_key(kind, operation_id),
        request=request,
        state=OperationState.DONE,
        first_sent_at=history.now,
        last_sent_at=history.now,
        sends=1,
        actor_id=payment.taken_by,
        created_at=history.now,
        finished_at=history.now,
    )
    act = {OperationKind.CONFIRM: "payment.attempt"}.get(kind, f"payment.{kind}")
    entry = AuditEntry(
        at=history.now,
        actor_id=payment.taken_by,
        roles=Role.AGENT,
        origin="demo",
        act=act,
        subject_kind="payment",
        subject_id=payment.id,
    )
    history.rows += [operation, entry]
    return operation


def _payment_method(history: DemoHistory, number: str) -> str:
    fields = {
        "type": "card",
        "card[number]": number,
        "card[exp_month]": str(history.chance.randint(1, 12)),
        "card[exp_year]": str(datetime.now(UTC).year + history.chance.randint(1, 4)),
        "card[cvc]": "1234" if number.startswith("37") else "123",
    }
    return str(_post(history.sandbox, "/v1/payment_methods", fields)["id"])


def _answer_challenge(history: DemoHistory, intent: PaymentIntentSnapshot, outcome: str) -> None:
    fields = {
        "payment_intent": intent.payment_intent_id,
        "client_secret": intent.client_secret or "",
        "outcome": outcome,
    }
    _post(history.sandbox, "/v1/sandbox/three_d_secure", fields)


def _post(sandbox: Sandbox, path: str, fields: Mapping[str, str]) -> dict[str, str]:
    """Send a request as the browser would, with the publishable key."""
    headers = {
        "Authorization": f"Bearer {sandbox.publishable_key}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    reply = sandbox.handle("POST", path, headers, urlencode(fields).encode())
    body: dict[str, str] = json.loads(reply.body)
    if reply.status >= 400:
        raise RuntimeError(f"the sandbox refused {path}: {body}")
    return body

"""What a clerk of the demo did: one order, its cards, and the rows that this left behind."""

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from sqlmodel import SQLModel

from cardpay.domain.access.permissions import Role
from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.domain.payment.display_status import DisplayStatus, display_status
from cardpay.domain.payment.operation import OperationKind, OperationState
from cardpay.domain.payment.order import order_claim
from cardpay.domain.payment.status import PaymentStatus
from cardpay.domain.stripe_facts.snapshots import PaymentIntentSnapshot
from cardpay.gateway.errors import CardDeclined
from cardpay.gateway.stripe_gateway import NewPaymentIntent, NewRefund, StripeGateway
from cardpay.sandbox import Sandbox
from cardpay.services import catalogue
from cardpay.services.stripe_facts.attempt_facts import AUTHENTICATION_FAILURE, take_card
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
_CLERKS = ("desk-north", "desk-south", "desk-west")


@dataclass
class Telling:
    """What the telling of a story needs; `rows` is what it leaves behind."""

    sandbox: Sandbox
    gateway: StripeGateway
    chance: random.Random
    now: datetime
    rows: list[SQLModel] = field(default_factory=list)

    def at(self, moment: datetime) -> None:
        """Go to a moment, with the sandbox's clock."""
        self.now = moment
        self.sandbox.clock.set(moment)

    def later(self, least_seconds: int, most_seconds: int) -> None:
        """Let some time pass."""
        pause = self.chance.randint(least_seconds, most_seconds)
        self.at(self.now + timedelta(seconds=pause))

    def new_id(self) -> str:
        """A UUID, the same in every demo."""
        return str(UUID(int=self.chance.getrandbits(128), version=4))


def order(telling: Telling, number: int) -> Payment:
    """A caller's order: a payment without a PaymentIntent."""
    chance = telling.chance
    (product,) = chance.choices(catalogue.EXAMPLES, _WEIGHTS)
    quantity = chance.choices((1, 2, 3, 5), (70, 18, 8, 4))[0]
    customer = chance.randint(1, 180)
    reference = f"SO-{10_000 + number}"
    payment = Payment(
        id=telling.new_id(),
        stripe_account_id=telling.sandbox.account_id,
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
        created_at=telling.now,
    )
    email = f"customer.{customer:03}@example.com"
    telling.rows += [
        payment,
        CustomerDetail(
            payment_id=payment.id,
            name=f"Customer {customer:03}",
            email=email,
            search_name=f"customer {customer:03}",
            search_email=email,
            created_at=telling.now,
        ),
    ]
    return payment


def create(telling: Telling, payment: Payment) -> PaymentIntentSnapshot:
    """The PaymentIntent of an order."""
    operation = carried_out(telling, payment, OperationKind.CREATE, {})
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
    intent = telling.gateway.create_payment_intent(new, operation.idempotency_key)
    payment.stripe_payment_intent_id = intent.payment_intent_id
    payment.stripe_created_at = intent.created_at
    return intent


def try_card(
    telling: Telling, payment: Payment, number: str, challenge: str
) -> tuple[PaymentIntentSnapshot, PaymentAttempt]:
    """One confirm; a challenge is completed or failed as the story has it."""
    assert payment.stripe_payment_intent_id is not None
    method_id = _payment_method(telling, number)
    operation = carried_out(
        telling, payment, OperationKind.CONFIRM, {"payment_method_id": method_id}
    )
    attempt = PaymentAttempt(
        id=telling.new_id(),
        stripe_account_id=payment.stripe_account_id,
        livemode=False,
        payment_id=payment.id,
        operation_id=operation.id,
        actor_id=operation.actor_id,
        submission_id=telling.new_id(),
        outcome=AttemptOutcome.SUCCEEDED,
        stripe_payment_method_id=method_id,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        created_at=telling.now,
        settled_at=telling.now,
    )
    telling.rows.append(attempt)
    try:
        intent = telling.gateway.confirm_payment_intent(
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
        telling.later(15, 40)
        _answer_challenge(telling, intent, challenge)
        intent = telling.gateway.retrieve_payment_intent(intent.payment_intent_id)
    _store_outcome(attempt, intent)
    return intent, attempt


def _store_outcome(attempt: PaymentAttempt, intent: PaymentIntentSnapshot) -> None:
    error = intent.last_error
    card = intent.latest_charge.card if intent.latest_charge else None
    if intent.status is PaymentStatus.REQUIRES_PAYMENT_METHOD and error is not None:
        card = error.card
        attempt.outcome = (
            AttemptOutcome.AUTHENTICATION_FAILED
            if error.code == AUTHENTICATION_FAILURE
            else AttemptOutcome.DECLINED
        )
        attempt.failure_code = error.code
        attempt.decline_code = error.decline_code
        attempt.network_decline_code = error.network_decline_code
        attempt.stripe_charge_id = error.charge_id
    else:
        attempt.stripe_charge_id = intent.latest_charge_id
    take_card(attempt, card)


def refund_in_dashboard(
    telling: Telling, intent: PaymentIntentSnapshot, amount_minor: int
) -> None:
    """Somebody gives money back without the desk."""
    new = NewRefund(intent.payment_intent_id, amount_minor, "requested_by_customer", {})
    telling.gateway.create_refund(new, telling.new_id())


def state(
    telling: Telling,
    payment: Payment,
    intent: PaymentIntentSnapshot,
    attempt: PaymentAttempt | None,
) -> None:
    """The payment's own row, as applying the last answer would have left it."""
    payment.status = intent.status
    payment.status_as_of = payment.updated_at = telling.now
    payment.amount_received_minor = intent.amount_received_minor
    payment.latest_charge_id = intent.latest_charge_id
    word = display_status(
        intent.status,
        has_open_operation=False,
        last_attempt=attempt.outcome if attempt else None,
        cancellation_cause=(payment.cancellation_cause),
    )
    payment.display_status = word
    if word is DisplayStatus.CANCELLED:
        payment.order_claim = None
    if word is DisplayStatus.SUCCEEDED:
        payment.succeeded_at = telling.now
    if attempt is not None:
        payment.card_brand, payment.card_last4 = attempt.card_brand, attempt.card_last4


def carried_out(
    telling: Telling, payment: Payment, kind: OperationKind, request: dict[str, str]
) -> Operation:
    """A finished operation, and the audit entry of the act."""
    operation_id = telling.new_id()
    operation = Operation(
        id=operation_id,
        stripe_account_id=payment.stripe_account_id,
        livemode=False,
        payment_id=payment.id,
        kind=kind,
        idempotency_key=idempotency_key(kind, operation_id),
        request=request,
        state=OperationState.DONE,
        first_sent_at=telling.now,
        last_sent_at=telling.now,
        sends=1,
        actor_id=payment.taken_by,
        created_at=telling.now,
        finished_at=telling.now,
    )
    act = {OperationKind.CONFIRM: "payment.attempt"}.get(kind, f"payment.{kind}")
    entry = AuditEntry(
        at=telling.now,
        actor_id=payment.taken_by,
        roles=Role.AGENT,
        origin="demo",
        act=act,
        subject_kind="payment",
        subject_id=payment.id,
    )
    telling.rows += [operation, entry]
    return operation


def _payment_method(telling: Telling, number: str) -> str:
    fields = {
        "type": "card",
        "card[number]": number,
        "card[exp_month]": str(telling.chance.randint(1, 12)),
        "card[exp_year]": str(datetime.now(UTC).year + telling.chance.randint(1, 4)),
        "card[cvc]": "1234" if number.startswith("37") else "123",
    }
    return str(_post(telling.sandbox, "/v1/payment_methods", fields)["id"])


def _answer_challenge(telling: Telling, intent: PaymentIntentSnapshot, outcome: str) -> None:
    fields = {
        "payment_intent": intent.payment_intent_id,
        "client_secret": intent.client_secret or "",
        "outcome": outcome,
    }
    _post(telling.sandbox, "/v1/sandbox/three_d_secure", fields)


def _post(sandbox: Sandbox, path: str, fields: Mapping[str, str]) -> dict[str, str]:
    """What the browser would send, with the browser's key."""
    headers = {
        "Authorization": f"Bearer {sandbox.publishable_key}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    reply = sandbox.handle("POST", path, headers, urlencode(fields).encode())
    body: dict[str, str] = json.loads(reply.body)
    if reply.status >= 400:
        raise RuntimeError(f"the sandbox refused {path}: {body}")
    return body

"""The rows that the desk would have of acts at the simulated Stripe, had they been done here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cardpay.demo.past.planned_acts import (
    Act,
    SimulatedPast,
    captured_minor,
    metadata,
    operation_id,
    refund_id,
    refund_minor,
)
from cardpay.demo.past.simulated_stripe import Json, created_at
from cardpay.demo.plan.made_up_people import STAFF
from cardpay.demo.plan.planned_orders import PlannedOrder
from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.payment.display_status import DisplayStatus, display_status
from cardpay.domain.payment.operation import OperationKind, OperationState
from cardpay.domain.payment.order import order_claim
from cardpay.domain.payment.status import CancellationCause, PaymentStatus
from cardpay.domain.personal_data.customer_identity import customer_key
from cardpay.domain.personal_data.search_keys import phone_key, reference_number
from cardpay.domain.stripe_facts.attempt_fold import check_fields, method_fields, outcome_of_charge
from cardpay.domain.stripe_facts.snapshots import ChargeSnapshot
from cardpay.gateway import snapshot_parsing
from cardpay.services.stripe_writes.idempotent_replay import idempotency_key
from cardpay.storage.audit import append_entries
from cardpay.storage.database.engine import Session
from cardpay.storage.payments.past_rows import insert_rows, known_operations, row_of
from cardpay.storage.personal_data.customer_words import words_of
from cardpay.storage.schema.tables import (
    AuditEntry,
    CustomerDetail,
    CustomerWord,
    Operation,
    Payment,
    PaymentAttempt,
    Person,
)

_ANSWER_TIME: Final = timedelta(seconds=1)
_ORIGIN: Final = "demo"
_ACTS: Final = {OperationKind.CONFIRM: "payment.attempt"}
_ROLES: Final = {one.actor_id: str(one.role) for one in STAFF} | {
    SYSTEM.actor_id: ",".join(sorted(SYSTEM.roles))
}


@dataclass
class _Rows:
    payments: list[dict[str, Any]] = field(default_factory=list)
    customers: list[dict[str, Any]] = field(default_factory=list)
    operations: list[dict[str, Any]] = field(default_factory=list)
    attempts: list[dict[str, Any]] = field(default_factory=list)
    entries: list[AuditEntry] = field(default_factory=list)


def add_staff(session: Session, now: datetime) -> None:
    """Add the names of the company's staff."""
    people = [row_of(Person, actor_id=one.actor_id, name=one.name, seen_at=now) for one in STAFF]
    insert_rows(session, Person, people)


def add_acts(session: Session, at_stripe: SimulatedPast, acts: Sequence[Act]) -> None:
    """Add the rows of some acts; those that are there already stay as they are."""
    made, rows = _Made(at_stripe, acts), _Rows()
    by_desk = [act for act in acts if act.kind is not None]
    ids = {act: _operation_id(act) for act in by_desk}
    known = known_operations(session, ids.values())
    for act in by_desk:
        if ids[act] in known:
            continue
        if act.kind is OperationKind.CREATE:
            _add_payment(rows, at_stripe, made, act.order)
        rows.operations.append(_operation(at_stripe, made, act))
        rows.entries.append(_entry(act))
        if act.kind is OperationKind.CONFIRM:
            rows.attempts.append(_attempt(at_stripe, made, act))
    insert_rows(session, Payment, rows.payments)
    insert_rows(session, CustomerDetail, rows.customers)
    insert_rows(session, CustomerWord, words_of(rows.customers))
    insert_rows(session, Operation, rows.operations)
    insert_rows(session, PaymentAttempt, rows.attempts)
    for entry in rows.entries:
        append_entries.add(session, entry)


class _Made:
    """What Stripe made of some acts: the Charges of each payment, in order."""

    def __init__(self, at_stripe: SimulatedPast, acts: Sequence[Act]) -> None:
        self._past = at_stripe.past
        self._charges: dict[str, list[Json]] = {}
        self.intents: dict[str, Json] = {}
        if not acts:
            return
        since, until = acts[0].at, acts[-1].at + timedelta(minutes=5)
        for charge in reversed(at_stripe.past.created("charge", since, until)):
            self._charges.setdefault(charge["payment_intent"], []).append(charge)
        for intent in at_stripe.past.created("payment_intent", since, until):
            self.intents[intent["id"]] = intent

    def charge(self, intent_id: str, number: int) -> ChargeSnapshot:
        """The Charge of the payment's attempt with a number, without id while the bank thinks."""
        if intent_id not in self._charges:
            return self._awaited(self.intents[intent_id])
        return snapshot_parsing.charge(self._charges[intent_id][number])

    def _awaited(self, intent: Json) -> ChargeSnapshot:
        method = self._past.find("payment_method", intent["payment_method"])
        read = snapshot_parsing.charge(
            {
                "id": "ch_awaited",
                "payment_method": method["id"],
                "status": "pending",
                "amount": intent["amount"],
                "currency": intent["currency"],
                "created": method["created"],
                "livemode": False,
                "payment_method_details": {"type": "card", "card": method["card"]},
            }
        )
        return replace(read, charge_id="")  # which no Charge of Stripe's has


def _add_payment(rows: _Rows, at_stripe: SimulatedPast, made: _Made, order: PlannedOrder) -> None:
    intent = made.intents[at_stripe.intents[order.payment_id]]
    customer = order.customer
    rows.payments.append(_payment(at_stripe, made, order, intent))
    rows.customers.append(
        row_of(
            CustomerDetail,
            payment_id=order.payment_id,
            name=customer.name,
            email=customer.email or None,
            phone=customer.phone or None,
            note=order.note or None,
            search_name=customer.name.casefold(),
            search_email=customer.email.casefold() or None,
            customer_key=customer_key(customer.name, customer.email, customer.phone),
            search_phone=phone_key(customer.phone),
            created_at=order.at,
        )
    )


def _payment(
    at_stripe: SimulatedPast, made: _Made, order: PlannedOrder, intent: Json
) -> dict[str, Any]:
    """The payment's row as Stripe's last answer left it."""
    status = PaymentStatus(intent["status"])
    last = made.charge(intent["id"], len(order.cards) - 1)
    method = method_fields(last.method)
    changed = datetime.fromtimestamp(intent["canceled_at"] or intent["created"], UTC)
    cause = None
    if status is PaymentStatus.CANCELED:
        by_desk = intent["cancellation_reason"] != "automatic"
        cause = _cause(order) if by_desk else CancellationCause.HOLD_EXPIRED
    word = display_status(
        status,
        has_open_operation=False,
        last_attempt=outcome_of_charge(last),
        cancellation_cause=cause,
    )
    claim = order_claim(order.reference)
    return row_of(
        Payment,
        id=order.payment_id,
        **_account(at_stripe),
        status=status,
        status_as_of=max(changed, last.created_at),
        display_status=word,
        amount_minor=order.amount_minor,
        currency=order.product.currency,
        amount_received_minor=intent["amount_received"],
        amount_capturable_minor=intent["amount_capturable"],
        capture_method=intent["capture_method"],
        stripe_payment_intent_id=intent["id"],
        stripe_created_at=created_at(intent),
        latest_charge_id=intent["latest_charge"],
        product_id=order.product.product_id,
        product_name=order.product.name,
        unit_amount_minor=order.product.unit_amount_minor,
        quantity=order.quantity,
        order_reference=order.reference,
        search_reference=claim,
        search_number=reference_number(order.reference),
        order_claim=None if word is DisplayStatus.CANCELLED else claim,
        taken_by=order.taken_by,
        cancellation_cause=cause,
        payment_method_type=method["method_type"],
        card_brand=method["card_brand"],
        card_last4=method["card_last4"],
        created_at=order.at,
        updated_at=max(changed, last.created_at),
        succeeded_at=last.created_at if status is PaymentStatus.SUCCEEDED else None,
        canceled_at=changed if status is PaymentStatus.CANCELED else None,
    )


def _cause(order: PlannedOrder) -> CancellationCause:
    return CancellationCause.EXPIRED if order.is_left else CancellationCause.REQUESTED


def _attempt(at_stripe: SimulatedPast, made: _Made, act: Act) -> dict[str, Any]:
    order = act.order
    charge = made.charge(at_stripe.intents[order.payment_id], act.number)
    declined = charge.failure_code is not None
    return row_of(
        PaymentAttempt,
        id=operation_id(order, OperationKind.CONFIRM, 100 + act.number),
        **_account(at_stripe),
        payment_id=order.payment_id,
        operation_id=_operation_id(act),
        actor_id=act.by,
        submission_id=operation_id(order, OperationKind.CONFIRM, 200 + act.number),
        outcome=outcome_of_charge(charge),
        stripe_payment_method_id=charge.payment_method_id,
        stripe_charge_id=charge.charge_id or None,
        amount_minor=order.amount_minor,
        currency=order.product.currency,
        **method_fields(charge.method),
        **check_fields(charge),
        failure_code=charge.failure_code,
        decline_code=charge.decline_code if declined else None,
        network_decline_code=charge.network_decline_code if declined else None,
        advice_code=charge.advice_code if declined else None,
        capture_before_at=charge.capture_before_at,
        created_at=act.at,
        settled_at=charge.created_at + _ANSWER_TIME if charge.charge_id else None,
    )


def _operation(at_stripe: SimulatedPast, made: _Made, act: Act) -> dict[str, Any]:
    assert act.kind is not None
    its_id = _operation_id(act)
    return row_of(
        Operation,
        id=its_id,
        **_account(at_stripe),
        payment_id=act.order.payment_id,
        kind=act.kind,
        idempotency_key=idempotency_key(act.kind, its_id),
        request=_REQUESTS[act.kind](at_stripe, made, act),
        state=OperationState.DONE,
        first_sent_at=act.at,
        last_sent_at=act.at,
        sends=1,
        actor_id=act.by,
        created_at=act.at,
        finished_at=act.at + _ANSWER_TIME,
    )


def _create_request(_at_stripe: SimulatedPast, _made: _Made, act: Act) -> dict[str, Any]:
    order = act.order
    return {
        "amount_minor": order.amount_minor,
        "currency": order.product.currency,
        "description": f"Order {order.reference}",
        "metadata": metadata(order),
        "capture_method": "manual" if order.is_held else "automatic",
    }


def _confirm_request(at_stripe: SimulatedPast, made: _Made, act: Act) -> dict[str, Any]:
    intent_id = at_stripe.intents[act.order.payment_id]
    charge = made.charge(intent_id, act.number)
    return {
        "payment_intent_id": intent_id,
        "payment_method_id": charge.payment_method_id,
        "moto": False,
    }


def _capture_request(at_stripe: SimulatedPast, _made: _Made, act: Act) -> dict[str, Any]:
    intent_id = at_stripe.intents[act.order.payment_id]
    return {"payment_intent_id": intent_id, "amount_minor": captured_minor(act.order)}


def _refund_request(at_stripe: SimulatedPast, _made: _Made, act: Act) -> dict[str, Any]:
    assert act.order.refund is not None
    return {
        "payment_intent_id": at_stripe.intents[act.order.payment_id],
        "amount_minor": refund_minor(act.order),
        "reason": act.order.refund.reason,
        "refund_id": refund_id(act.order),
    }


def _cancel_request(at_stripe: SimulatedPast, _made: _Made, act: Act) -> dict[str, Any]:
    intent_id = at_stripe.intents[act.order.payment_id]
    return {"payment_intent_id": intent_id, "cause": _cause(act.order)}


_REQUESTS: Final[dict[OperationKind, Callable[[SimulatedPast, _Made, Act], dict[str, Any]]]] = {
    OperationKind.CREATE: _create_request,
    OperationKind.CONFIRM: _confirm_request,
    OperationKind.CAPTURE: _capture_request,
    OperationKind.REFUND: _refund_request,
    OperationKind.CANCEL: _cancel_request,
}


def _entry(act: Act) -> AuditEntry:
    assert act.kind is not None
    after: dict[str, Any] = {}
    if act.kind in {OperationKind.CREATE, OperationKind.CAPTURE, OperationKind.REFUND}:
        amounts = {OperationKind.CAPTURE: captured_minor, OperationKind.REFUND: refund_minor}
        amount = amounts[act.kind](act.order) if act.kind in amounts else act.order.amount_minor
        after = {"amount_minor": amount, "currency": act.order.product.currency}
    if act.kind is OperationKind.CANCEL:
        after = {"cause": _cause(act.order)}
    if act.kind is OperationKind.REFUND:
        after["refund_id"] = refund_id(act.order)
    return AuditEntry(
        at=act.at,
        actor_id=act.by,
        roles=_ROLES[act.by],
        origin=_ORIGIN,
        act=_ACTS.get(act.kind, f"payment.{act.kind}"),
        subject_kind="payment",
        subject_id=act.order.payment_id,
        after=after,
    )


def _operation_id(act: Act) -> str:
    assert act.kind is not None
    return operation_id(act.order, act.kind, act.number)


def _account(at_stripe: SimulatedPast) -> dict[str, Any]:
    return {"stripe_account_id": at_stripe.sandbox.account_id, "livemode": False}

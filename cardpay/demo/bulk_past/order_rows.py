"""The rows that the desk would have of an order whose course is known."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final
from zlib import crc32

from sqlmodel import SQLModel

from cardpay.demo.bulk_past.ledger import DISPUTE_FEE, Movement, card_fee
from cardpay.demo.bulk_past.made_up_ids import own_id, stripe_tail
from cardpay.demo.bulk_past.order_course import Course, Tried, Way
from cardpay.demo.past.planned_acts import metadata
from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.attention_rules import attention
from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.domain.payment.display_status import Afterwards, DisplayStatus, display_status
from cardpay.domain.payment.dispute import DisputeStatus
from cardpay.domain.payment.operation import OperationKind, OperationState
from cardpay.domain.payment.order import order_claim
from cardpay.domain.payment.refund import FINAL_REFUND_STATUSES
from cardpay.domain.payment.status import CancellationCause, PaymentStatus
from cardpay.domain.payment_link.link_rules import LinkStatus
from cardpay.domain.personal_data.customer_identity import customer_key, folded
from cardpay.domain.personal_data.search_keys import phone_key, reference_number
from cardpay.domain.stripe_account import StripeAccount
from cardpay.sandbox.hold_period import HOLD_DAYS
from cardpay.services.stripe_writes.idempotent_replay import idempotency_key
from cardpay.storage.payments.past_rows import row_of
from cardpay.storage.personal_data.customer_words import words_of
from cardpay.storage.schema.tables import (
    CustomerDetail,
    CustomerWord,
    Dispute,
    Operation,
    Payment,
    PaymentAttempt,
    PaymentLink,
    Refund,
)
from cardpay.storage.stripe_facts.write_known import PRODUCT_NAME, TAKEN_BY

Row = tuple[type[SQLModel], dict[str, Any]]

_ANSWER_TIME: Final = timedelta(seconds=1)
_LINK_LIFETIME: Final = timedelta(hours=24)
_HOLD: Final = timedelta(days=HOLD_DAYS)
_WITHOUT_CLAIM: Final = frozenset({DisplayStatus.CANCELLED, DisplayStatus.NOT_CHARGED})
# Other ways to pay, of orders that were taken elsewhere.
_OTHER_METHODS: Final = ("link", "paypal", "klarna", "bacs_debit")
_OTHER: Final = 0.3


class OrderRows:
    """What the books of an account hold of an order."""

    def __init__(self, account: StripeAccount) -> None:
        self._account = {
            "stripe_account_id": account.stripe_account_id,
            "livemode": account.livemode,
        }

    def of(self, course: Course) -> tuple[list[Row], list[Movement]]:
        """Rows, each after those that it belongs to, and what moved in the balance."""
        order = course.order
        tail = stripe_tail(order.number, order.payment_id)
        rows: list[Row] = [(Payment, self._payment(course, tail))]
        if course.way is not Way.ELSEWHERE:
            customer = _customer(course)
            rows.append((CustomerDetail, customer))
            rows += [(CustomerWord, word) for word in words_of([customer])]
        if course.way is Way.LINK:
            rows.append((PaymentLink, self._link(course, tail)))
        if course.way is not Way.ELSEWHERE:
            kind = OperationKind.CREATE_LINK if course.way is Way.LINK else OperationKind.CREATE
            request = {
                "amount_minor": order.amount_minor,
                "currency": order.product.currency,
                "description": f"Order {order.reference}",
                "metadata": metadata(order),
                "capture_method": "manual" if order.is_held else "automatic",
            }
            rows.append(self._operation(course, kind, order.at, order.taken_by, request))
        rows += self._attempts(course, tail)
        rows += self._acts(course, tail)
        if course.refund is not None:
            rows += self._refund(course, tail)
        if course.dispute is not None:
            rows.append((Dispute, self._dispute(course, tail)))
        return rows, list(_movements(course, tail))

    def _payment(self, course: Course, tail: str) -> dict[str, Any]:
        order, last = course.order, course.tried[-1]
        refund, dispute = course.refund, course.dispute
        refunded = 0
        if refund is not None and refund.status not in FINAL_REFUND_STATUSES:
            refunded = refund.amount_minor
        word = display_status(
            course.status,
            has_open_operation=False,
            last_attempt=last.outcome,
            cancellation_cause=course.cause,
            taken_at_desk=course.way is not Way.ELSEWHERE,
            afterwards=Afterwards(
                course.received_minor, refunded, [dispute.status] if dispute else ()
            ),
        )
        what, act_by_at = attention(word, [dispute] if dispute else [], _capture_before(last))
        claim = order_claim(order.reference)
        here = course.way is not Way.ELSEWHERE
        method = _method(course, last)
        paid = course.status is PaymentStatus.SUCCEEDED
        return row_of(
            Payment,
            **self._account,
            id=order.payment_id,
            status=course.status,
            status_as_of=course.changed_at + _ANSWER_TIME,
            display_status=word,
            attention=what,
            act_by_at=act_by_at,
            amount_minor=order.amount_minor,
            currency=order.product.currency,
            amount_received_minor=course.received_minor,
            amount_capturable_minor=course.capturable_minor,
            amount_refunded_minor=refunded,
            capture_method="manual" if order.is_held else "automatic",
            stripe_payment_intent_id=f"pi_3{tail}",
            stripe_created_at=order.at,
            latest_charge_id=_charge_id(tail, len(course.tried) - 1),
            product_id=order.product.product_id if here else None,
            product_name=order.product.name if here else PRODUCT_NAME,
            unit_amount_minor=order.product.unit_amount_minor if here else None,
            quantity=order.quantity if here else 1,
            order_reference=order.reference,
            search_reference=claim,
            search_number=reference_number(order.reference),
            order_claim=claim if here and word not in _WITHOUT_CLAIM else None,
            taken_by=order.taken_by if here else TAKEN_BY,
            taken_at_desk=here,
            cancellation_cause=course.cause,
            payment_method_type=method["method_type"],
            card_brand=method.get("card_brand"),
            card_last4=method.get("card_last4"),
            created_at=order.at,
            updated_at=_last_change(course),
            succeeded_at=course.paid_at if paid else None,
            canceled_at=course.changed_at if course.cause else None,
        )

    def _attempts(self, course: Course, tail: str) -> Iterator[Row]:
        order, chance = course.order, course.chance
        is_moto = course.way is Way.CARD and not order.is_challenged
        for number, tried in enumerate(course.tried):
            charge_id = _charge_id(tail, number)
            facts: dict[str, Any] = {"id": f"charge-{charge_id}"}
            if course.way is Way.CARD:
                request = {
                    "payment_intent_id": f"pi_3{tail}",
                    "payment_method_id": _method_id(tail, number),
                    "moto": is_moto,
                }
                confirm = self._operation(
                    course, OperationKind.CONFIRM, tried.at, order.taken_by, request
                )
                yield confirm
                facts = {
                    "id": own_id(order.number, chance),
                    "operation_id": confirm[1]["id"],
                    "actor_id": order.taken_by,
                    "submission_id": own_id(order.number, chance),
                }
            decline = tried.card.decline
            if decline is not None:
                facts |= {
                    "failure_code": decline.code,
                    "decline_code": decline.decline_code,
                    "network_decline_code": decline.network_decline_code,
                    "advice_code": decline.advice_code,
                }
            method = _method(course, tried)
            if method["method_type"] == "card":
                facts |= _checks(tried, course)
            yield (
                PaymentAttempt,
                row_of(
                    PaymentAttempt,
                    **self._account,
                    **facts,
                    **method,
                    payment_id=order.payment_id,
                    outcome=tried.outcome,
                    stripe_payment_method_id=_method_id(tail, number),
                    stripe_charge_id=charge_id,
                    amount_minor=order.amount_minor,
                    currency=order.product.currency,
                    capture_before_at=_capture_before(tried),
                    moto=is_moto,
                    created_at=tried.at,
                    settled_at=None
                    if tried.outcome is AttemptOutcome.AUTHORISED
                    else tried.at + _ANSWER_TIME,
                ),
            )

    def _acts(self, course: Course, tail: str) -> Iterator[Row]:
        """What people did afterwards, but for a refund."""
        intent = {"payment_intent_id": f"pi_3{tail}"}
        if course.captured_at is not None:
            request = {**intent, "amount_minor": course.received_minor}
            yield self._operation(
                course, OperationKind.CAPTURE, course.captured_at, course.captured_by, request
            )
        if course.cause in {CancellationCause.REQUESTED, CancellationCause.EXPIRED}:
            asked = course.cause is CancellationCause.REQUESTED
            by = course.order.taken_by if asked else SYSTEM.actor_id
            request = {**intent, "cause": course.cause}
            yield self._operation(course, OperationKind.CANCEL, course.changed_at, by, request)

    def _refund(self, course: Course, tail: str) -> Iterator[Row]:
        order, refund = course.order, course.refund
        assert refund is not None
        assert order.refund is not None
        refund_id, operation_id = f"refund-re_3{tail}", None
        if course.way is not Way.ELSEWHERE:
            refund_id = own_id(course.order.number, course.chance)
            request = {
                "payment_intent_id": f"pi_3{tail}",
                "amount_minor": refund.amount_minor,
                "reason": order.refund.reason,
                "refund_id": refund_id,
            }
            asked = self._operation(
                course, OperationKind.REFUND, refund.at, order.refund.by, request
            )
            operation_id = asked[1]["id"]
            yield asked
        changed_at = refund.failed_at or refund.at
        yield (
            Refund,
            row_of(
                Refund,
                **self._account,
                id=refund_id,
                payment_id=order.payment_id,
                operation_id=operation_id,
                stripe_refund_id=f"re_3{tail}",
                stripe_charge_id=_charge_id(tail, len(course.tried) - 1),
                stripe_balance_transaction_id=f"txn_3{tail}r",
                stripe_failure_balance_transaction_id=f"txn_3{tail}f"
                if refund.failed_at
                else None,
                status=refund.status,
                status_as_of=changed_at,
                amount_minor=refund.amount_minor,
                currency=order.product.currency,
                reason=order.refund.reason,
                failure_reason="expired_or_canceled_card" if refund.failed_at else None,
                created_at=refund.at,
                updated_at=changed_at,
            ),
        )

    def _dispute(self, course: Course, tail: str) -> dict[str, Any]:
        dispute = course.dispute
        assert dispute is not None
        return row_of(
            Dispute,
            **self._account,
            id=f"dispute-dp_1{tail}",
            payment_id=course.order.payment_id,
            stripe_dispute_id=f"dp_1{tail}",
            stripe_charge_id=_charge_id(tail, len(course.tried) - 1),
            status=dispute.status,
            status_as_of=dispute.changed_at,
            reason=dispute.reason,
            amount_minor=course.order.amount_minor,
            currency=course.order.product.currency,
            evidence_due_at=dispute.evidence_due_at,
            is_charge_refundable=False,
            created_at=dispute.at,
            updated_at=dispute.changed_at,
        )

    def _link(self, course: Course, tail: str) -> dict[str, Any]:
        order = course.order
        return row_of(
            PaymentLink,
            **self._account,
            id=order.payment_id,
            status=LinkStatus.COMPLETE,
            status_as_of=course.last_at,
            stripe_checkout_session_id=f"cs_test_a1{tail}",
            actor_id=order.taken_by,
            expires_at=order.at + _LINK_LIFETIME,
            created_at=order.at,
        )

    def _operation(
        self, course: Course, kind: OperationKind, at: datetime, by: str, request: dict[str, Any]
    ) -> Row:
        its_id = own_id(course.order.number, course.chance)
        return Operation, row_of(
            Operation,
            **self._account,
            id=its_id,
            payment_id=course.order.payment_id,
            kind=kind,
            idempotency_key=idempotency_key(kind, its_id),
            request=request,
            state=OperationState.DONE,
            first_sent_at=at,
            last_sent_at=at,
            sends=1,
            actor_id=by,
            created_at=at,
            finished_at=at + _ANSWER_TIME,
        )


def _movements(course: Course, tail: str) -> Iterator[Movement]:
    """What the order's money did to the balance."""
    order, currency = course.order, course.order.product.currency
    charge_id = _charge_id(tail, len(course.tried) - 1)
    txn = f"txn_3{tail}"
    if course.status is not PaymentStatus.SUCCEEDED:
        return
    at, received = course.paid_at, course.received_minor
    fee = card_fee(received, currency, course.tried[-1].card.country)
    yield Movement(
        f"{txn}c", at, charge_id, "charge", order.amount_minor, currency, fee, waits=True
    )
    if received < order.amount_minor:  # Stripe takes all that was held, and gives the rest back
        rest = received - order.amount_minor
        category = "partial_capture_reversal"
        yield Movement(
            f"{txn}p", at, charge_id, "refund", rest, currency, category=category, waits=True
        )
    if (refund := course.refund) is not None:
        refund_id, amount = f"re_3{tail}", refund.amount_minor
        yield Movement(f"{txn}r", refund.at, refund_id, "refund", -amount, currency)
        if refund.failed_at is not None:
            failed_at = refund.failed_at
            yield Movement(f"{txn}f", failed_at, refund_id, "refund_failure", amount, currency)
    if (dispute := course.dispute) is not None:
        source, amount = f"dp_1{tail}", order.amount_minor
        yield Movement(
            f"{txn}d", dispute.at, source, "adjustment", -amount, currency, DISPUTE_FEE, "dispute"
        )
        if dispute.status is DisputeStatus.WON:
            won_at, category = dispute.changed_at, "dispute_reversal"
            yield Movement(
                f"{txn}w", won_at, source, "adjustment", amount, currency, -DISPUTE_FEE, category
            )


def _customer(course: Course) -> dict[str, Any]:
    order, person = course.order, course.order.customer
    return row_of(
        CustomerDetail,
        payment_id=order.payment_id,
        name=person.name,
        email=person.email or None,
        phone=person.phone or None,
        note=order.note or None,
        search_name=folded(person.name),
        search_email=folded(person.email) or None,
        customer_key=customer_key(person.name, person.email, person.phone),
        search_phone=phone_key(person.phone),
        created_at=order.at,
    )


def _method(course: Course, tried: Tried) -> dict[str, Any]:
    """What was paid with, by the attempt's fields."""
    order = course.order
    spread = crc32(order.payment_id.encode())
    if course.way is Way.ELSEWHERE and spread % 1_000 < _OTHER * 1_000:
        return {"method_type": _OTHER_METHODS[spread % len(_OTHER_METHODS)]}
    card, own = tried.card, crc32(f"{order.customer.name}/{tried.card.name}".encode())
    return {
        "method_type": "card",
        "card_brand": card.brand,
        "card_last4": f"{own % 10_000:04}",
        "card_exp_month": own % 12 + 1,
        "card_exp_year": order.at.year + 1 + own % 4,
        "card_country": card.country,
        "card_funding": card.funding,
        "card_fingerprint": f"fp{own:08x}{len(order.customer.email)}",
    }


def _checks(tried: Tried, course: Course) -> dict[str, Any]:
    """What the bank and Stripe found, by the attempt's fields."""
    refused = tried.card.decline is not None and tried.card.decline.decline_code == "incorrect_cvc"
    spread = crc32(f"{course.order.payment_id}risk".encode())
    high = tried.card.risk == "highest"
    return {
        "cvc_check": "fail" if refused else "pass",
        "postal_code_check": "fail" if spread % 40 == 0 else "pass",
        "risk_level": tried.card.risk,
        "risk_score": 85 + spread % 15 if high else spread % 60,
    }


def _capture_before(tried: Tried) -> datetime | None:
    return tried.at + _HOLD if tried.outcome is AttemptOutcome.AUTHORISED else None


def _last_change(course: Course) -> datetime:
    """When the payment's row was last written."""
    times = [course.changed_at]
    if course.refund is not None:
        times.append(course.refund.failed_at or course.refund.at)
    if course.dispute is not None:
        times.append(course.dispute.changed_at)
    return max(times)


@cache
def _place(number: int) -> str:
    return "abcdefgh"[number]


def _charge_id(tail: str, number: int) -> str:
    return f"ch_3{tail}{_place(number)}"


def _method_id(tail: str, number: int) -> str:
    return f"pm_1{tail}{_place(number)}"

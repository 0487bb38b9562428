"""Applying what Stripe says after a charge: refunds, disputes and balance transactions.

A refund's `succeeded` is not final: the cardholder's bank may still send the money back.
"""

from datetime import datetime
from typing import Any, Final

from cardpay.domain.access.actor import Actor
from cardpay.domain.payment.dispute import ENDED_DISPUTE_STATUSES
from cardpay.domain.payment.refund import FINAL_REFUND_STATUSES
from cardpay.domain.stripe_facts.precedence import Verdict, is_newer, judge
from cardpay.domain.stripe_facts.snapshots import (
    BalanceTransactionSnapshot,
    BalanceTransactionStatus,
    DisputeSnapshot,
    RefundSnapshot,
)
from cardpay.services.audit.record_act import record
from cardpay.services.desk import Desk
from cardpay.services.stripe_facts.payment_facts import Applied, update_derived_fields
from cardpay.storage.database.engine import Session
from cardpay.storage.database.inserts import insert_if_absent
from cardpay.storage.payments import payment_attempts, payments, refunds, settlements
from cardpay.storage.schema.tables import BalanceTransaction, Dispute, Payment, Refund

# The key in a Refund's metadata that names our row, for a request that got no answer.
REFUND_ID: Final = "refund_id"


def apply_refund(
    session: Session,
    desk: Desk,
    actor: Actor,
    refund: RefundSnapshot,
    *,
    asked_at: datetime | None,
) -> Applied:
    """Take what a request that began at `asked_at` (None: an event) said about a Refund."""
    payment = _payment_of(session, desk, refund.payment_intent_id, refund.charge_id)
    if payment is None:
        return Applied.UNKNOWN_PAYMENT
    row = _refund_of(session, payment, refund)
    newer = is_newer(row.status_as_of, asked_at)
    verdict = judge(row.status, refund.status, final=FINAL_REFUND_STATUSES, newer=newer)
    if verdict is Verdict.ASK:
        return Applied.STALE
    row.stripe_charge_id = refund.charge_id or row.stripe_charge_id
    row.stripe_balance_transaction_id = (
        refund.balance_transaction_id or row.stripe_balance_transaction_id
    )
    if verdict is Verdict.TAKE:
        before = row.status
        row.status = refund.status
        row.failure_reason = refund.failure_reason or row.failure_reason
        if newer:
            row.status_as_of = desk.now()
        _audit(session, desk, actor, ("refund", row.id), before, refund.status)
    row.updated_at = desk.now()
    session.add(row)
    session.flush()
    payment.amount_refunded_minor = refunds.refunded_minor(session, payment.id)
    update_derived_fields(session, desk, payment)
    return Applied.TAKEN


def apply_dispute(
    session: Session,
    desk: Desk,
    actor: Actor,
    dispute: DisputeSnapshot,
    *,
    asked_at: datetime | None,
) -> Applied:
    """Take what a request that began at `asked_at` (None: an event) said about a Dispute.

    One of a Charge without a PaymentIntent is kept, too: it belongs to no payment.
    """
    payment = _payment_of(session, desk, dispute.payment_intent_id, dispute.charge_id)
    if payment is None and dispute.payment_intent_id is not None:
        return Applied.UNKNOWN_PAYMENT
    row = _dispute_of(session, desk, payment, dispute)
    newer = is_newer(row.status_as_of, asked_at)
    verdict = judge(row.status or None, dispute.status, final=ENDED_DISPUTE_STATUSES, newer=newer)
    if verdict is Verdict.ASK:
        return Applied.STALE
    if verdict is Verdict.TAKE:
        before = row.status or None
        row.status = dispute.status
        row.reason = dispute.reason
        row.amount_minor = dispute.amount_minor
        row.evidence_due_at = dispute.evidence_due_at or row.evidence_due_at
        if newer:
            row.status_as_of = desk.now()
        _audit(session, desk, actor, ("dispute", row.id), before, dispute.status)
    row.updated_at = desk.now()
    session.add(row)
    if payment is not None:
        update_derived_fields(session, desk, payment)
    return Applied.TAKEN


def apply_balance_transaction(
    session: Session, desk: Desk, transaction: BalanceTransactionSnapshot
) -> None:
    """Take a BalanceTransaction, which may come before its source.

    All of it is fixed at its making but for `pending`, which turns `available` once.
    """
    account = desk.account
    row = BalanceTransaction(**balance_transaction_row(desk, transaction))
    if insert_if_absent(session, row) or transaction.status != BalanceTransactionStatus.AVAILABLE:
        return
    known = settlements.balance_transaction(
        session, account.stripe_account_id, account.livemode, transaction.balance_transaction_id
    )
    assert known is not None
    known.status = BalanceTransactionStatus.AVAILABLE
    session.add(known)


def balance_transaction_row(desk: Desk, transaction: BalanceTransactionSnapshot) -> dict[str, Any]:
    """Its row, by column."""
    return {
        "id": f"balance-{transaction.balance_transaction_id}",
        "stripe_account_id": desk.account.stripe_account_id,
        "livemode": desk.account.livemode,
        "stripe_balance_transaction_id": transaction.balance_transaction_id,
        "stripe_source_id": transaction.source_id,
        "type": transaction.type,
        "reporting_category": transaction.reporting_category,
        "status": transaction.status,
        "gross_minor": transaction.gross_minor,
        "fee_minor": transaction.fee_minor,
        "net_minor": transaction.net_minor,
        "currency": transaction.currency,
        "exchange_rate": transaction.exchange_rate,
        "created_at": transaction.created_at,
        "available_at": transaction.available_at,
    }


def _payment_of(
    session: Session, desk: Desk, payment_intent_id: str | None, charge_id: str | None
) -> Payment | None:
    """The payment, locked; by the Charge where there is no PaymentIntent's id."""
    account = desk.account
    if payment_intent_id is not None:
        return payments.locked_by_intent(
            session, account.stripe_account_id, account.livemode, payment_intent_id
        )
    attempt = (
        payment_attempts.by_charge(session, account.stripe_account_id, account.livemode, charge_id)
        if charge_id is not None
        else None
    )
    return payments.locked(session, attempt.payment_id) if attempt else None


def _refund_of(session: Session, payment: Payment, refund: RefundSnapshot) -> Refund:
    """Its row: known by Stripe's id, or named in its metadata, or made now without a status.

    A refund that Stripe made after its operation was abandoned still belongs to that operation.
    """
    known = refunds.by_stripe_id(
        session, payment.stripe_account_id, payment.livemode, refund.refund_id
    )
    if known is not None:
        return known
    its_id = refund.metadata.get(REFUND_ID, "")
    named = session.get(Refund, its_id)
    if (
        named is not None
        and named.payment_id == payment.id
        and named.stripe_refund_id is None
        and named.amount_minor == refund.amount_minor
    ):
        named.stripe_refund_id = refund.refund_id
        return named
    operation_id = refunds.asked_by(session, payment.id, its_id) if its_id and not named else None
    return Refund(
        id=its_id if operation_id else f"refund-{refund.refund_id}",
        operation_id=operation_id,
        stripe_account_id=payment.stripe_account_id,
        livemode=payment.livemode,
        payment_id=payment.id,
        stripe_refund_id=refund.refund_id,
        amount_minor=refund.amount_minor,
        currency=refund.currency,
        reason=refund.reason,
        created_at=refund.created_at,
    )


def _dispute_of(
    session: Session, desk: Desk, payment: Payment | None, dispute: DisputeSnapshot
) -> Dispute:
    """Its row, made now without a status if there is none."""
    account = desk.account
    known = settlements.dispute(
        session, account.stripe_account_id, account.livemode, dispute.dispute_id
    )
    if known is not None:
        return known
    return Dispute(
        id=f"dispute-{dispute.dispute_id}",
        stripe_account_id=account.stripe_account_id,
        livemode=account.livemode,
        payment_id=payment.id if payment else None,
        stripe_dispute_id=dispute.dispute_id,
        stripe_charge_id=dispute.charge_id,
        status="",
        currency=dispute.currency,
        created_at=dispute.created_at,
    )


def _audit(
    session: Session,
    desk: Desk,
    actor: Actor,
    subject: tuple[str, str],
    before: str | None,
    after: str,
) -> None:
    if before != after:
        record(
            session,
            actor,
            f"{subject[0]}.status",
            subject,
            at=desk.now(),
            before={"status": before},
            after={"status": after},
        )

"""Rows of one payment's story, as a use case would have left them."""

from datetime import timedelta
from itertools import count
from typing import Any

from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.domain.payment.operation import OperationKind, OperationState
from cardpay.storage.schema.tables import (
    AuditEntry,
    BalanceTransaction,
    Dispute,
    Operation,
    PaymentAttempt,
    Refund,
)
from tests.integration.payment_books import START

_numbers = count(1)
KEY = "payment-00123"
BOOKS_OF: dict[str, Any] = {"stripe_account_id": "acct_1", "livemode": False}


def audit(minute: int, act: str, **after: str) -> AuditEntry:
    """An entry of the audit log."""
    return AuditEntry(
        id=next(_numbers),
        at=START + timedelta(minutes=minute),
        actor_id="agent-1",
        roles="agent",
        origin="test",
        act=act,
        subject_kind="payment",
        subject_id=KEY,
        after=after,
    )


def attempt(outcome: AttemptOutcome, minute: int = 1, **facts: Any) -> PaymentAttempt:
    """A confirm."""
    return PaymentAttempt(
        **BOOKS_OF,
        **facts,
        id=f"attempt-{minute}",
        payment_id=KEY,
        outcome=outcome,
        amount_minor=1_200,
        currency="gbp",
        card_brand="visa",
        card_last4="0002",
        created_at=START + timedelta(minutes=minute),
    )


def operation(kind: OperationKind, state: OperationState, **facts: Any) -> Operation:
    """A request to Stripe."""
    return Operation(
        **BOOKS_OF,
        **facts,
        id=f"{kind}-1",
        payment_id=KEY,
        kind=kind,
        idempotency_key=f"{kind}-1",
        state=state,
        actor_id="agent-1",
        created_at=START,
    )


def refund(**facts: Any) -> Refund:
    """Some of the money on its way back."""
    return Refund(
        **BOOKS_OF,
        **facts,
        id="refund-1",
        payment_id=KEY,
        amount_minor=500,
        currency="gbp",
        created_at=START,
        updated_at=START,
    )


def dispute(status: str) -> Dispute:
    """An objection to the whole payment."""
    return Dispute(
        **BOOKS_OF,
        id="dispute-1",
        payment_id=KEY,
        stripe_dispute_id="dp_1",
        stripe_charge_id="ch_1",
        status=status,
        reason="fraudulent",
        amount_minor=1_200,
        currency="gbp",
        evidence_due_at=START + timedelta(days=9),
        created_at=START + timedelta(minutes=3),
        updated_at=START,
    )


def balance_transaction(source: str, gross: int, fee: int, currency: str) -> BalanceTransaction:
    """What one object did to the balance."""
    return BalanceTransaction(
        **BOOKS_OF,
        id=f"balance-{source}",
        stripe_balance_transaction_id=f"txn_{source}",
        stripe_source_id=source,
        type="charge",
        gross_minor=gross,
        fee_minor=fee,
        net_minor=gross - fee,
        currency=currency,
        created_at=START,
    )

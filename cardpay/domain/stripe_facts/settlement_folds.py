"""What Stripe says after a charge, folded: refunds, disputes, balance transactions and payouts."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from cardpay.domain.payment.payout import FINAL_PAYOUT_STATUSES
from cardpay.domain.payment.refund import FINAL_REFUND_STATUSES
from cardpay.domain.stripe_facts.field_rules import (
    BALANCE_TRANSACTION,
    DISPUTE,
    PAYOUT,
    REFUND,
    follow,
)
from cardpay.domain.stripe_facts.known import (
    BalanceTransactionFields,
    DisputeFields,
    KnownPayment,
    PayoutFields,
    RefundFields,
    with_changes,
)
from cardpay.domain.stripe_facts.precedence import Verdict, fold_row
from cardpay.domain.stripe_facts.snapshots import (
    BalanceTransactionSnapshot,
    DisputeSnapshot,
    PayoutSnapshot,
    RefundSnapshot,
)

# The key in a Refund's metadata that names our row, for a request that got no answer.
REFUND_ID: Final = "refund_id"
# A dispute that was lost or won may be appealed, and an inquiry that was closed may come back as a
# dispute (Stripe docs: "Respond to disputes").
_FINAL_DISPUTE_STATUSES: Final[frozenset[str]] = frozenset()
# The types of a BalanceTransaction whose source is the Charge itself, by card or otherwise.
_TAKEN_IN: Final = frozenset({"charge", "payment"})


def fold_refund(
    known: KnownPayment, refund: RefundSnapshot, asked_at: datetime | None, now: datetime
) -> tuple[KnownPayment, Verdict]:
    """Take what a request that began at `asked_at` (None: an event) said about a Refund.

    With the verdict ASK nothing is taken.
    """
    row = _refund_of(known, refund)
    stated = {
        "stripe_refund_id": refund.refund_id,
        "stripe_charge_id": refund.charge_id,
        "stripe_balance_transaction_id": refund.balance_transaction_id,
        "stripe_failure_balance_transaction_id": refund.failure_balance_transaction_id,
        "amount_minor": refund.amount_minor,
        "currency": refund.currency,
        "reason": refund.reason,
        "failure_reason": refund.failure_reason,
    }
    row, verdict = fold_row(
        row,
        refund.status,
        stated,
        REFUND,
        final=FINAL_REFUND_STATUSES,
        asked_at=asked_at,
        now=now,
    )
    if verdict is Verdict.ASK:
        return known, verdict
    others = tuple(one for one in known.refunds if one.id != row.id)
    return replace(known, refunds=(*others, row)), verdict


def _refund_of(known: KnownPayment, refund: RefundSnapshot) -> RefundFields:
    """Its row: known by Stripe's id, or named in its metadata, or made now without a status.

    A refund that Stripe made after its operation was abandoned still belongs to that operation.
    """
    for row in known.refunds:
        if row.stripe_refund_id == refund.refund_id:
            return row
    its_id = refund.metadata.get(REFUND_ID, "")
    named = next((row for row in known.refunds if row.id == its_id), None)
    if (
        named is not None
        and named.stripe_refund_id is None
        and named.amount_minor == refund.amount_minor
    ):
        return named
    operation_id = known.operations.refunds.get(its_id) if not named else None
    return RefundFields(
        id=its_id if operation_id else f"refund-{refund.refund_id}",
        payment_id=known.payment.id,
        amount_minor=refund.amount_minor,
        currency=refund.currency,
        created_at=refund.created_at,
        operation_id=operation_id,
        stripe_refund_id=refund.refund_id,
    )


def fold_dispute(
    known: DisputeFields | None,
    payment_id: str | None,
    dispute: DisputeSnapshot,
    asked_at: datetime | None,
    now: datetime,
) -> tuple[DisputeFields, Verdict]:
    """Take what a request that began at `asked_at` (None: an event) said about a Dispute.

    `payment_id` is None where its Charge belongs to no payment. With the verdict ASK nothing is
    taken.
    """
    row = known or DisputeFields(
        id=f"dispute-{dispute.dispute_id}",
        stripe_dispute_id=dispute.dispute_id,
        stripe_charge_id=dispute.charge_id,
        amount_minor=dispute.amount_minor,
        currency=dispute.currency,
        created_at=dispute.created_at,
    )
    stated = {
        "payment_id": payment_id,
        "reason": dispute.reason,
        "amount_minor": dispute.amount_minor,
        "currency": dispute.currency,
        "evidence_due_at": dispute.evidence_due_at,
        "is_charge_refundable": dispute.is_charge_refundable,
    }
    return fold_row(
        row,
        dispute.status,
        stated,
        DISPUTE,
        final=_FINAL_DISPUTE_STATUSES,
        asked_at=asked_at,
        now=now,
    )


def fold_balance_transaction(
    known: BalanceTransactionFields | None,
    transaction: BalanceTransactionSnapshot,
    payout_id: str | None = None,
) -> BalanceTransactionFields:
    """Take a BalanceTransaction, which may come before its source; `payout_id` is its payout.

    All of it is fixed at its making. Whether its money is available follows from `available_at`:
    Stripe tells nobody when that comes.
    """
    row = known or BalanceTransactionFields(
        id=f"balance-{transaction.balance_transaction_id}",
        stripe_balance_transaction_id=transaction.balance_transaction_id,
        type=transaction.type,
        gross_minor=transaction.gross_minor,
        fee_minor=transaction.fee_minor,
        net_minor=transaction.net_minor,
        currency=transaction.currency,
        created_at=transaction.created_at,
    )
    stated = {
        "stripe_source_id": transaction.source_id,
        "stripe_payout_id": payout_id,
        "reporting_category": transaction.reporting_category,
        "exchange_rate": transaction.exchange_rate,
        "available_at": transaction.available_at,
    }
    changed, _ = follow(row, stated, BALANCE_TRANSACTION)
    return with_changes(row, changed)


def is_capture(transaction: BalanceTransactionFields | BalanceTransactionSnapshot) -> bool:
    """Whether a BalanceTransaction took in a Charge: of a hold, when it was captured."""
    return transaction.type in _TAKEN_IN


def fold_payout(
    known: PayoutFields | None, payout: PayoutSnapshot, asked_at: datetime | None, now: datetime
) -> tuple[PayoutFields, Verdict]:
    """Take what a request that began at `asked_at` (None: an event) said about a Payout.

    With the verdict ASK nothing is taken.
    """
    row = known or PayoutFields(
        id=f"payout-{payout.payout_id}",
        stripe_payout_id=payout.payout_id,
        amount_minor=payout.amount_minor,
        currency=payout.currency,
        created_at=payout.created_at,
    )
    stated = {
        "amount_minor": payout.amount_minor,
        "currency": payout.currency,
        "is_automatic": payout.is_automatic,
        "method": payout.method,
        "arrival_at": payout.arrival_at,
        "reconciliation_status": payout.reconciliation_status,
        "trace_id": payout.trace_id,
        "statement_descriptor": payout.statement_descriptor,
        "failure_code": payout.failure_code,
        "failure_message": payout.failure_message,
        "stripe_balance_transaction_id": payout.balance_transaction_id,
        "stripe_failure_balance_transaction_id": payout.failure_balance_transaction_id,
    }
    return fold_row(
        row,
        payout.status,
        stated,
        PAYOUT,
        final=FINAL_PAYOUT_STATUSES,
        asked_at=asked_at,
        now=now,
    )

"""A refund that has ended keeps what is known of it, whatever older views arrive later."""

from datetime import UTC, datetime

from cardpay.domain.payment.refund import RefundStatus
from cardpay.domain.stripe_facts.known import KnownPayment, PaymentFields, RefundFields
from cardpay.domain.stripe_facts.precedence import Verdict
from cardpay.domain.stripe_facts.settlement_folds import fold_refund
from cardpay.domain.stripe_facts.snapshots import RefundSnapshot

NOW = datetime(2026, 1, 2, tzinfo=UTC)
FAILED = RefundFields(
    id="refund-re_1",
    payment_id="payment-1",
    amount_minor=5_000,
    currency="gbp",
    created_at=NOW,
    status=RefundStatus.FAILED,
    status_as_of=NOW,
    stripe_refund_id="re_1",
    failure_reason="declined",
)
PAYMENT = PaymentFields(
    id="payment-1",
    taken_at_desk=True,
    created_at=NOW,
    amount_minor=12_000,
    currency="gbp",
    order_reference="SO-1",
    search_reference="so-1",
)
OLDER = RefundSnapshot(
    refund_id="re_1",
    charge_id=None,
    payment_intent_id="pi_1",
    status=RefundStatus.PENDING,
    amount_minor=4_000,
    currency="gbp",
    reason=None,
    failure_reason="unknown",
    balance_transaction_id="txn_1",
    failure_balance_transaction_id=None,
    created_at=NOW,
    metadata={},
)


def test_an_older_view_adds_and_overwrites_nothing() -> None:
    """Its balance transaction was not known yet; its amount and its reason are older ones."""
    known, verdict = fold_refund(KnownPayment(PAYMENT, refunds=(FAILED,)), OLDER, None, NOW)
    (refund,) = known.refunds
    assert verdict is Verdict.KEEP
    assert (refund.status, refund.amount_minor, refund.failure_reason) == (
        RefundStatus.FAILED,
        5_000,
        "declined",
    )
    assert refund.stripe_balance_transaction_id == "txn_1"

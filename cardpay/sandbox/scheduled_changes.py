"""What Stripe changes by itself as time passes: settlement, payouts, disputes, expired holds."""

from collections.abc import Callable

from cardpay.sandbox.api.balance import balance_transactions, payouts
from cardpay.sandbox.api.checkout import checkout_payment, checkout_sessions
from cardpay.sandbox.api.disputes import dispute_course, early_fraud_warnings
from cardpay.sandbox.api.payments import payment_intent_cancel, processing, refunds
from cardpay.sandbox.state.account_state import State

TASKS: dict[str, Callable[[State, str], None]] = {
    "checkout_completes": checkout_payment.complete,
    "checkout_expires": checkout_sessions.expire_in_time,
    "dispute": dispute_course.open_by_card,
    "dispute_escalates": dispute_course.escalate,
    "dispute_overdue": dispute_course.end_overdue,
    "expire_hold": payment_intent_cancel.expire_hold,
    "fraud_warning": early_fraud_warnings.warn_by_card,
    "pay_out": payouts.pay_out,
    "payout_arrives": payouts.arrive,
    "payout_reconciled": payouts.reconcile,
    "payout_submitted": payouts.submit,
    "payout_traced": payouts.trace,
    "processing_ends": processing.end,
    "refund_disputed": refunds.fail_disputed,
    "refund_fails": refunds.fail_by_card,
    "refund_succeeds": refunds.succeed,
    "settle": balance_transactions.settle,
}


def run_due(state: State) -> None:
    """Make the changes that are due, oldest first. Each is dated with the time it was due."""
    now = state.clock.seconds()
    while rows := state.store.run(
        f"SELECT seq, at, task, object_id FROM {state.queue} WHERE at <= ?"
        " ORDER BY at, seq LIMIT 1",
        (now,),
    ):
        seq, at, task, object_id = rows[0]
        state.store.run(f"DELETE FROM {state.queue} WHERE seq = ?", (seq,))
        state.as_of = at
        state.store.begin_change()
        try:
            TASKS[task](state, object_id)
        finally:
            state.as_of = None

"""What Stripe changes by itself as time passes: settlement, disputes, refunds, expired holds."""

from collections.abc import Callable

from cardpay.sandbox.api import balance_transactions, disputes, payment_intent_cancel, refunds
from cardpay.sandbox.state.account_state import State

TASKS: dict[str, Callable[[State, str], None]] = {
    "dispute": disputes.open_dispute,
    "expire_hold": payment_intent_cancel.expire_hold,
    "refund_fails": refunds.fail,
    "refund_succeeds": refunds.succeed,
    "settle": balance_transactions.settle,
}


def run_due(state: State) -> None:
    """Make the changes that are due, oldest first. Each is dated with the time it was due."""
    now = state.clock.seconds()
    while rows := state.store.run(
        "SELECT seq, at, task, object_id FROM due WHERE at <= ? ORDER BY at, seq LIMIT 1", (now,)
    ):
        seq, at, task, object_id = rows[0]
        state.store.run("DELETE FROM due WHERE seq = ?", (seq,))
        state.as_of = at
        try:
            TASKS[task](state, object_id)
        finally:
            state.as_of = None

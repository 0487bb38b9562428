"""What happens by itself when the clock has got there."""

from collections.abc import Callable

from cardpay.sandbox.api import balance_transactions, disputes, refunds
from cardpay.sandbox.api.payment_intent_cancel import end
from cardpay.sandbox.state.account_state import State


def _expire_hold(state: State, charge_id: str) -> None:
    charge = state.store.find("charge", charge_id)
    intent = state.store.find("payment_intent", charge["payment_intent"]) if charge else None
    if intent is not None and intent["status"] == "requires_capture":
        end(state, intent, "automatic")


TASKS: dict[str, Callable[[State, str], None]] = {
    "dispute": disputes.begin,
    "expire_hold": _expire_hold,
    "refund_fails": refunds.fail,
    "refund_succeeds": refunds.succeed,
    "settle": balance_transactions.settle,
}


def run_due(state: State) -> None:
    """Run what is due, oldest first, each as of its own moment: none can be late by itself."""
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

"""The account's balance: what is available, and what will be."""

from cardpay.sandbox.api.balance.payouts import LEDGER, available_cents
from cardpay.sandbox.state.account_state import Call, State
from cardpay.sandbox.state.sqlite_store import Json


def retrieve(state: State, _call: Call) -> Json:
    """`GET /v1/balance`."""
    rows = state.store.run(
        f"SELECT coalesce(sum(json_extract(body, '$.net')), 0) FROM object WHERE {LEDGER}"
    )
    available = available_cents(state)
    return {
        "object": "balance",
        "available": [_part(state, available)],
        "instant_available": [_part(state, 0)],
        "livemode": False,
        "pending": [_part(state, int(rows[0][0]) - available)],
        "refund_and_dispute_prefunding": {
            "available": [_empty(state)],
            "pending": [_empty(state)],
        },
    }


def _part(state: State, cents: int) -> Json:
    return {"amount": cents, "currency": state.home.currency, "source_types": {"card": cents}}


def _empty(state: State) -> Json:
    return {"amount": 0, "currency": state.home.currency}

"""BalanceTransactions: what a Charge, Refund or Dispute does to the account's balance.

The account settles in euros; fees follow Stripe's Irish price list in shape (a share and a
fixed part, more for cards from outside the European Economic Area).
"""

from cardpay.sandbox.api.charges import DAY_SECONDS, page_of
from cardpay.sandbox.currency_rules import in_euro_cents
from cardpay.sandbox.http.parameter_validation import EXPAND, LISTING, string
from cardpay.sandbox.http.response_expansion import listed
from cardpay.sandbox.state.account_state import Call, State, new_id
from cardpay.sandbox.state.sqlite_store import Json

RETRIEVE = {"expand": EXPAND}
LIST = {**LISTING, "source": string(), "type": string()}

AVAILABLE_AFTER_SECONDS = 7 * DAY_SECONDS
DISPUTE_FEE_CENTS = 2000
_EUROPEAN = frozenset({"DE", "FR", "IE"})
_FEE_PER_MILLE = {True: 15, False: 32}
_FEE_FIXED_CENTS = 25


def retrieve(state: State, call: Call) -> Json:
    """`GET /v1/balance_transactions/{id}`."""
    return state.get("balance_transaction", call.object_id, "id")


def list_transactions(state: State, call: Call) -> Json:
    """`GET /v1/balance_transactions`."""
    found, more = state.store.page(page_of(state, "balance_transaction", call, "source", "type"))
    return listed(found, "/v1/balance_transactions", has_more=more)


def card_fee(charge: Json) -> int:
    """The processing fee of a Charge, in euro cents."""
    cents, _ = in_euro_cents(charge["amount_captured"], charge["currency"])
    european = charge["payment_method_details"]["card"]["country"] in _EUROPEAN
    return round(cents * _FEE_PER_MILLE[european] / 1000) + _FEE_FIXED_CENTS


def record(state: State, kind: str, source: Json, amount: int, fee: int, words: str) -> Json:
    """Write one down. `amount` is in the source's currency (negative: money out)."""
    cents, rate = in_euro_cents(amount, source["currency"])
    now = state.seconds()
    transaction: Json = {
        "id": new_id("txn_3"),
        "object": "balance_transaction",
        "amount": cents,
        "available_on": now + AVAILABLE_AFTER_SECONDS if amount > 0 else now,
        "balance_type": "payments",
        "created": now,
        "currency": "eur",
        "description": words,
        "exchange_rate": rate,
        "fee": fee,
        "fee_details": [
            {
                "amount": fee,
                "application": None,
                "currency": "eur",
                "description": "Stripe processing fees" if kind == "charge" else "Dispute fee",
                "type": "stripe_fee",
            }
        ]
        if fee
        else [],
        "net": cents - fee,
        "reporting_category": {"adjustment": "dispute"}.get(kind, kind),
        "source": source["id"],
        "status": "pending",
        "type": kind,
    }
    state.store.save(transaction)
    return transaction


def settle(state: State, charge_id: str) -> None:
    """The transaction of a captured Charge arrives: `charge.updated`."""
    charge = state.store.find("charge", charge_id)
    if charge is None or charge["balance_transaction"] is not None:
        return
    made = record(
        state,
        "charge",
        charge,
        charge["amount_captured"],
        card_fee(charge),
        charge["description"] or "Payment",
    )
    charge["balance_transaction"] = made["id"]
    state.store.save(charge)
    state.emit("charge.updated", charge, {"balance_transaction": None})

"""BalanceTransactions: how a Charge, Refund or Dispute changes the account's balance.

The account settles in euros. Fees have the structure of Stripe's Irish price list: a percentage
and a fixed part, with a higher percentage for cards from outside the European Economic Area.
"""

from cardpay.sandbox.currency_rules import in_euro_cents
from cardpay.sandbox.state.account_state import State, new_id
from cardpay.sandbox.state.clock import DAY_SECONDS
from cardpay.sandbox.state.sqlite_store import Json

AVAILABLE_AFTER_SECONDS = 7 * DAY_SECONDS
DISPUTE_FEE_CENTS = 2000
_EUROPEAN = frozenset({"DE", "FR", "IE"})
_FEE_PER_MILLE = {True: 15, False: 32}
_FEE_FIXED_CENTS = 25


def card_fee(charge: Json) -> int:
    """The processing fee of a Charge in euro cents."""
    cents, _ = in_euro_cents(charge["amount_captured"], charge["currency"])
    european = charge["payment_method_details"]["card"]["country"] in _EUROPEAN
    return round(cents * _FEE_PER_MILLE[european] / 1000) + _FEE_FIXED_CENTS


def record(state: State, kind: str, source: Json, amount: int, fee: int, description: str) -> Json:
    """Store a BalanceTransaction of `source`.

    `amount` is in the minor unit of the source's currency, negative for money that leaves the
    balance. `fee` is in euro cents.
    """
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
        "description": description,
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
    """Store the BalanceTransaction of a captured Charge, and send `charge.updated`."""
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

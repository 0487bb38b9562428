"""BalanceTransactions: how a Charge, Refund, Dispute or Payout changes the account's balance.

The account settles in the currency of its home country, where its fees are from, too.
"""

from dataclasses import dataclass, replace

from cardpay.sandbox.api.balance import payout_days
from cardpay.sandbox.api.retrieve_and_list import list_page, list_query
from cardpay.sandbox.currency_rules import converted
from cardpay.sandbox.http.api_errors import InvalidParameter
from cardpay.sandbox.http.parameter_validation import LIST_FIELDS, one_of, string
from cardpay.sandbox.state.account_state import Call, State, new_id
from cardpay.sandbox.state.sqlite_store import Json
from cardpay.sandbox.stripe_test_cards import BY_NAME

# Every type of API 2026-10-28.endive, with its reporting category where that is another word.
# Stripe docs: "Balance transaction types", "Reporting categories and types".
TYPES = tuple(
    """
    adjustment advance advance_funding anticipation_repayment application_fee
    application_fee_refund charge climate_order_purchase climate_order_refund
    connect_collection_transfer contribution fee_credit_funding inbound_transfer
    inbound_transfer_reversal issuing_authorization_hold issuing_authorization_release
    issuing_dispute issuing_dispute_provisional_credit
    issuing_dispute_provisional_credit_reversal issuing_transaction obligation_outbound
    obligation_reversal_inbound payment payment_failure_refund payment_network_reserve_hold
    payment_network_reserve_release payment_refund payment_reversal payment_unreconciled payout
    payout_cancel payout_failure payout_minimum_balance_hold payout_minimum_balance_release refund
    refund_failure reserve_hold reserve_release reserve_transaction reserved_funds
    stripe_balance_payment_debit stripe_balance_payment_debit_reversal stripe_fee stripe_fx_fee
    tax_fee tax_fund topup topup_reversal transfer transfer_cancel transfer_failure transfer_refund
    """.split()
)
_CATEGORIES = {
    "adjustment": "other_adjustment",
    "application_fee": "platform_earning",
    "application_fee_refund": "platform_earning_refund",
    "payment": "charge",
    "payment_failure_refund": "charge_failure",
    "payment_refund": "refund",
    "payout_cancel": "payout_reversal",
    "payout_failure": "payout_reversal",
    "reserve_hold": "risk_reserved_funds",
    "reserve_release": "risk_reserved_funds",
    "reserve_transaction": "risk_reserved_funds",
    "reserved_funds": "risk_reserved_funds",
    "stripe_fee": "fee",
    "stripe_fx_fee": "fee",
    "tax_fee": "tax",
    "transfer_cancel": "transfer_reversal",
    "transfer_failure": "transfer_reversal",
    "transfer_refund": "transfer_reversal",
}
LIST = {
    **LIST_FIELDS,
    "currency": string(),
    "payout": string(),
    "source": string(),
    "type": one_of(*TYPES),
}


def list_transactions(state: State, call: Call) -> Json:
    """`GET /v1/balance_transactions`, of all, or of what one automatic payout paid out.

    Until the payout's reconciliation is completed, its list is incomplete: as yet it has the
    payout's own transaction only.
    """
    query = list_query(state, call, "balance_transaction", "currency", "source", "type")
    payout_id = call.params.get("payout")
    if payout_id is None:
        return list_page(state, query)
    payout = state.get("payout", payout_id, "payout", in_url=False)
    if not payout["automatic"]:
        raise InvalidParameter(
            "Balance transactions can be listed by payout for automatic payouts only, not for"
            " manual ones.",
            param="payout",
        )
    within: tuple[tuple[str, str], ...] = (("_payout", payout_id),)
    if payout["reconciliation_status"] != "completed":
        within = (*within, ("source", payout_id))
    return list_page(state, replace(query, where=(*query.where, *within)))


def card_fee(state: State, charge: Json) -> int:
    """The processing fee of a Charge, in the minor unit of the settlement currency."""
    cents, _ = converted(charge["amount_captured"], charge["currency"], state.home.currency)
    return state.home.card_fee(cents, charge["payment_method_details"]["card"]["country"])


@dataclass(frozen=True)
class Posting:
    """What a BalanceTransaction says besides its amount and source. `fee` is in the
    minor unit of the settlement currency.

    `category` is for a type whose reporting category depends on the case. Without `available_on`,
    in Unix seconds, the money is available at once.
    """

    type: str
    description: str | None
    fee: int = 0
    category: str | None = None
    available_on: int | None = None
    balance_type: str = "payments"


def record(state: State, source: Json, amount: int, posting: Posting) -> Json:
    """Store a BalanceTransaction of `source`.

    `amount` is in the minor unit of the source's currency, negative for money that leaves the
    balance.
    """
    cents, rate = converted(amount, source["currency"], state.home.currency)
    return post(state, cents, posting, source_id=source["id"], rate=rate)


def post(
    state: State,
    cents: int,
    posting: Posting,
    *,
    source_id: str | None = None,
    rate: float | None = None,
) -> Json:
    """Store a BalanceTransaction in the settlement currency, and plan the payout of its money."""
    now = state.seconds()
    kind, fee = posting.type, posting.fee
    transaction: Json = {
        "id": new_id("txn_3"),
        "object": "balance_transaction",
        "amount": cents,
        "available_on": now if posting.available_on is None else posting.available_on,
        "balance_type": posting.balance_type,
        "created": now,
        "currency": state.home.currency,
        "description": posting.description,
        "exchange_rate": rate,
        "fee": fee,
        "fee_details": [
            {
                "amount": fee,
                "application": None,
                "currency": state.home.currency,
                "description": "Dispute fee" if kind == "adjustment" else "Stripe processing fees",
                "type": "stripe_fee",
            }
        ]
        if fee
        else [],
        "net": cents - fee,
        "reporting_category": posting.category or _CATEGORIES.get(kind, kind),
        "source": source_id,
        "status": "pending",
        "type": kind,
        "_payout": None,
    }
    state.store.save(transaction)
    payout_days.plan(state, transaction["available_on"])
    return transaction


def settle(state: State, charge_id: str) -> None:
    """Store the BalanceTransaction of a captured Charge, and send `charge.updated`.

    A Charge that was captured in part has two: the authorised amount, and the rest in negative
    (Stripe docs, "Reporting categories": "you see two balance transactions").
    """
    charge = state.store.find("charge", charge_id)
    if charge is None or charge["balance_transaction"] is not None:
        return
    available_on = None
    if not BY_NAME[charge["_card"]].available_at_once:
        available_on = payout_days.available_on(state, state.payouts.delay_days)
    taken = Posting(
        "charge",
        charge["description"] or "Payment",
        fee=card_fee(state, charge),
        available_on=available_on,
    )
    made = record(state, charge, charge["amount"], taken)
    released = charge["amount"] - charge["amount_captured"]
    if released:
        rest = Posting(
            "refund",
            "REFUND FOR PARTIAL CAPTURE",
            category="partial_capture_reversal",
            available_on=available_on,
        )
        record(state, charge, -released, rest)
    charge["balance_transaction"] = made["id"]
    state.store.save(charge)
    state.emit("charge.updated", charge, {"balance_transaction": None})

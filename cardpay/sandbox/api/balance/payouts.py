"""Payouts of the balance to the account's bank: by themselves each business day, or on request.

Stripe docs: "Receive payouts", "Payout reconciliation report", "Payout failures".
"""

from dataclasses import replace

from cardpay.sandbox.api.balance import payout_days
from cardpay.sandbox.api.balance.balance_transactions import Posting, post
from cardpay.sandbox.api.retrieve_and_list import list_page, list_query
from cardpay.sandbox.http.api_errors import ApiError, ResourceMissing
from cardpay.sandbox.http.parameter_validation import (
    EXPAND,
    LIST_FIELDS,
    created,
    integer,
    merge_metadata,
    metadata,
    one_of,
    string,
)
from cardpay.sandbox.state.account_state import Call, State, new_id
from cardpay.sandbox.state.clock import DAY_SECONDS
from cardpay.sandbox.state.sqlite_store import Json

_HOUR = 3600
SUBMITTED_AFTER_SECONDS = _HOUR
RECONCILED_AFTER_SECONDS = 2 * _HOUR
PAID_AFTER_SECONDS = 8 * _HOUR  # into the day of arrival
TRACED_AFTER_SECONDS = DAY_SECONDS
# Stripe API reference, "Payout failures".
FAILURES = {
    "account_closed": "The bank account has been closed.",
    "account_frozen": "The bank account has been frozen.",
    "bank_account_restricted": "The bank account has restrictions on the type of payouts allowed.",
    "bank_ownership_changed": "The destination bank account belongs to another bank now.",
    "could_not_process": "The bank could not process this payout.",
    "debit_not_authorized": "Debit transactions are not approved on this bank account.",
    "declined": "The bank has declined this transfer.",
    "incorrect_account_holder_name": "Your bank notified us that the name on it is incorrect.",
    "insufficient_funds": "Your Stripe account has insufficient funds to cover the payout.",
    "invalid_account_number": "The routing number seems correct, but the account number is not.",
    "invalid_currency": "The bank was unable to process this payout because of its currency.",
    "no_account": "The bank account could not be located.",
    "unsupported_card": "The bank no longer supports payouts to this card.",
}
# The `payments` balance alone is paid out: others, such as `risk_reserved`, are kept apart.
LEDGER = "kind = 'balance_transaction' AND json_extract(body, '$.balance_type') = 'payments'"
AVAILABLE = f"{LEDGER} AND json_extract(body, '$.available_on') <= ?"
CREATE = {
    "amount": integer(minimum=1),
    "currency": string(),
    "description": string(),
    "destination": string(),
    "expand": EXPAND,
    "metadata": metadata,
    "method": one_of("instant", "standard"),
    "source_type": one_of("bank_account", "card", "fpx"),
    "statement_descriptor": string(maximum=22),
}
UPDATE = {"metadata": metadata, "expand": EXPAND}
LIST = {
    **LIST_FIELDS,
    "arrival_date": created,
    "destination": string(),
    "status": one_of("pending", "in_transit", "paid", "failed", "canceled"),
}


def create(state: State, call: Call) -> Json:
    """`POST /v1/payouts`: pay out a part of the available balance. Nobody knows what is in it."""
    params = call.params
    available = available_cents(state)
    if params["currency"].lower() != state.home.currency:
        available = 0
    destination = params.get("destination")
    if destination not in {None, _bank_account_id(state)}:
        raise ResourceMissing("external account", destination, "destination", in_url=False)
    if params["amount"] > available:
        raise ApiError(
            "You have insufficient funds in your Stripe account for this transfer. Your card"
            " balance is too low. You can use the /v1/balance endpoint to view your Stripe"
            " balance (for more details, see stripe.com/docs/api#balance).",
            code="balance_insufficient",
            param="amount",
        )
    payout = _new(state, params["amount"], automatic=False, asked=params)
    _begin(state, payout)
    return payout


def update(state: State, call: Call) -> Json:
    """`POST /v1/payouts/{id}`: metadata only."""
    payout = state.get("payout", call.object_id, "id")
    before = payout["metadata"]
    payout["metadata"] = merge_metadata(before, call.params.get("metadata", {}))
    _changed(state, payout, {"metadata": before})
    return payout


def cancel(state: State, call: Call) -> Json:
    """`POST /v1/payouts/{id}/cancel`: a manual payout that the bank does not have yet."""
    payout = state.get("payout", call.object_id, "id")
    if payout["automatic"] or payout["status"] != "pending":
        raise ApiError("Payouts can only be canceled if they are manual and pending.")
    _end_unpaid(state, payout, "canceled", "payout_cancel", "STRIPE PAYOUT CANCEL")
    return payout


def list_payouts(state: State, call: Call) -> Json:
    """`GET /v1/payouts`."""
    query = list_query(state, call, "payout", "destination", "status")
    bounds = call.params.get("arrival_date", {})
    ranges = tuple(("arrival_date", bound, moment) for bound, moment in bounds.items())
    return list_page(state, replace(query, ranges=ranges))


def available_cents(state: State) -> int:
    """The available balance in the minor unit of the settlement currency."""
    rows = state.store.run(
        f"SELECT coalesce(sum(json_extract(body, '$.net')), 0) FROM object WHERE {AVAILABLE}",
        (state.seconds(),),
    )
    return int(rows[0][0])


def pay_out(state: State, _account_id: str) -> None:
    """The automatic payout: all that is available and was not paid out, unless that is nothing.

    A negative balance is carried over until later charges exceed it.
    """
    if state.payouts.interval != "daily":
        return
    unpaid = f"{AVAILABLE} AND json_extract(body, '$._payout') IS NULL"
    now = state.seconds()
    rows = state.store.run(f"SELECT sum(json_extract(body, '$.net')) FROM object WHERE {unpaid}",
                           (now,))  # fmt: skip
    amount = rows[0][0] or 0
    if amount <= 0:
        return
    payout = _new(state, amount, automatic=True, asked={})
    state.store.run(
        f"UPDATE object SET body = json_set(body, '$._payout', ?) WHERE {unpaid}",
        (payout["id"], now),
    )
    own = _begin(state, payout)
    own["_payout"] = payout["id"]
    state.store.save(own)
    state.schedule(RECONCILED_AFTER_SECONDS, "payout_reconciled", payout["id"])


def submit(state: State, payout_id: str) -> None:
    """The bank gets the payout: it cannot be cancelled any more."""
    payout = state.store.find("payout", payout_id)
    if payout is not None and payout["status"] == "pending":
        payout["status"] = "in_transit"
        _changed(state, payout, {"status": "pending"})


def reconcile(state: State, payout_id: str) -> None:
    """What an automatic payout has paid out can be listed."""
    payout = state.store.find("payout", payout_id)
    if payout is not None:
        payout["reconciliation_status"] = "completed"
        state.store.save(payout)
        state.emit("payout.reconciliation_completed", payout)


def arrive(state: State, payout_id: str) -> None:
    """The payout is at the bank, as far as Stripe knows. It can still fail."""
    payout = state.store.find("payout", payout_id)
    if payout is not None and payout["status"] == "in_transit":
        payout["status"] = "paid"
        state.store.save(payout)
        state.emit("payout.paid", payout)
        state.schedule(TRACED_AFTER_SECONDS, "payout_traced", payout_id)


def trace(state: State, payout_id: str) -> None:
    """The bank's reference becomes known, or that there is none."""
    payout = state.store.find("payout", payout_id)
    if payout is None or payout["trace_id"]["status"] != "pending":
        return
    before = payout["trace_id"]
    payout["trace_id"] = (
        {"status": "supported", "value": new_id("", 16).upper()}
        if payout["status"] == "paid"
        else {"status": "unsupported", "value": None}
    )
    _changed(state, payout, {"trace_id": before})


def fail(state: State, payout_id: str, failure_code: str) -> Json:
    """The bank refuses a payout, even one that is `paid`: the money returns to the balance.

    Raises ApiError for one that has ended, KeyError for a code that Stripe does not have.
    """
    message = FAILURES[failure_code]
    payout = state.get("payout", payout_id, "payout")
    if payout["status"] in {"failed", "canceled"}:
        raise ApiError(f"This payout is {payout['status']} already.")
    payout.update(failure_code=failure_code, failure_message=message)
    _end_unpaid(state, payout, "failed", "payout_failure", "STRIPE PAYOUT FAILURE")
    return payout


def _bank_account_id(state: State) -> str:
    """The bank account that payouts go to, which is known by its id alone."""
    return state.store.meta("bank_account_id", new_id("ba_1"))


def _new(state: State, amount: int, *, automatic: bool, asked: Json) -> Json:
    now = state.seconds()
    return {
        "id": new_id("po_1"),
        "object": "payout",
        "amount": amount,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": payout_days.next_business_day(now),
        "automatic": automatic,
        "balance_transaction": None,
        "created": now,
        "currency": state.home.currency,
        "description": "STRIPE PAYOUT" if automatic else asked.get("description"),
        "destination": _bank_account_id(state),
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": merge_metadata({}, asked.get("metadata", {})),
        "method": asked.get("method", "standard"),
        "original_payout": None,
        "payout_method": None,
        "reconciliation_status": "in_progress" if automatic else "not_applicable",
        "reversed_by": None,
        "source_type": asked.get("source_type", "card"),
        "statement_descriptor": asked.get("statement_descriptor"),
        "status": "pending",
        "trace_id": {"status": "pending", "value": None},
        "type": "bank_account",
    }


def _begin(state: State, payout: Json) -> Json:
    """Take the money out of the balance. Returns the payout's own BalanceTransaction."""
    own = post(
        state, -payout["amount"], Posting("payout", "STRIPE PAYOUT"), source_id=payout["id"]
    )
    payout["balance_transaction"] = own["id"]
    state.store.save(payout)
    state.emit("payout.created", payout)
    state.schedule(SUBMITTED_AFTER_SECONDS, "payout_submitted", payout["id"])
    paid_at = payout["arrival_date"] + PAID_AFTER_SECONDS
    state.schedule(paid_at - state.seconds(), "payout_arrives", payout["id"])
    return own


def _end_unpaid(state: State, payout: Json, status: str, kind: str, description: str) -> None:
    back = post(state, payout["amount"], Posting(kind, description), source_id=payout["id"])
    payout.update(status=status, failure_balance_transaction=back["id"])
    state.store.save(payout)
    state.emit(f"payout.{status}", payout)
    state.schedule(TRACED_AFTER_SECONDS, "payout_traced", payout["id"])


def _changed(state: State, payout: Json, before: Json) -> None:
    state.store.save(payout)
    state.emit("payout.updated", payout, before)

"""Invoice payments: which PaymentIntents belong to invoices, which the sandbox itself has not."""

from dataclasses import replace

from cardpay.sandbox.api.retrieve_and_list import list_page, list_query
from cardpay.sandbox.http.api_errors import ApiError
from cardpay.sandbox.http.parameter_validation import LIST_FIELDS, hash_of, one_of, string
from cardpay.sandbox.state.account_state import Call, State, new_id, public
from cardpay.sandbox.state.sqlite_store import Json

_KIND = "invoice_payment"
LIST = {
    **LIST_FIELDS,
    "invoice": string(),
    "payment": hash_of(
        {
            "type": one_of("payment_intent", "payment_record"),
            "payment_intent": string(),
            "payment_record": string(),
        },
        required=("type",),
    ),
    "status": one_of("open", "paid", "canceled"),
}


def list_payments(state: State, call: Call) -> Json:
    """`GET /v1/invoice_payments`."""
    query = list_query(state, call, _KIND, "invoice", "status")
    asked = tuple((f"payment.{name}", one) for name, one in call.params.get("payment", {}).items())
    return list_page(state, replace(query, where=(*query.where, *asked)))


def bill(state: State, payment_intent_id: str) -> Json:
    """An invoice was made final, and a PaymentIntent is its own from now on."""
    intent = state.get("payment_intent", payment_intent_id, "payment_intent")
    is_paid = intent["status"] == "succeeded"
    made: Json = {
        "id": new_id("inpay_1"),
        "object": _KIND,
        "amount_paid": intent["amount_received"] if is_paid else None,
        "amount_requested": intent["amount"],
        "created": state.seconds(),
        "currency": intent["currency"],
        "invoice": new_id("in_1"),
        "is_default": True,
        "livemode": False,
        "payment": {"type": "payment_intent", "payment_intent": payment_intent_id},
        "status": "paid" if is_paid else "open",
        "status_transitions": {
            "canceled_at": None,
            "paid_at": state.seconds() if is_paid else None,
        },
    }
    state.store.save(made)
    intent["_invoice"] = made["invoice"]
    state.store.save(intent)
    return made


def refuse_invoiced(intent: Json, verb: str) -> None:
    """Raise ApiError for the PaymentIntent of an invoice (API reference: `is_default`)."""
    if "_invoice" in intent:
        raise ApiError(
            f"You cannot {verb} a PaymentIntent that belongs to an invoice. Void the invoice"
            f" {intent['_invoice']} instead.",
            code="payment_intent_unexpected_state",
            payment_intent=public(intent),
        )

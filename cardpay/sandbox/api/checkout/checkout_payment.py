"""Paying a Checkout Session on its hosted page.

The PaymentIntent is made when the customer first confirms (Stripe changelog, 2022-08-01), and
belongs to the Session: it can be neither confirmed nor cancelled directly.
"""

from collections.abc import Mapping

from cardpay.sandbox.api.customers import customers
from cardpay.sandbox.api.payments import payment_intent_confirm, payment_intents, payment_methods
from cardpay.sandbox.http.api_errors import CardError, InvalidParameter
from cardpay.sandbox.state.account_state import Call, State
from cardpay.sandbox.state.sqlite_store import Json


def pay(state: State, session: Json, typed: Mapping[str, str]) -> str | None:
    """Try the card that was typed. Returns what to tell the customer if it was refused.

    A declined one stays recorded: the Session remains open with its PaymentIntent.
    """
    try:
        method = _method(state, typed)
        intent = _intent(state, session, typed)
        payment_intent_confirm.confirm_intent(
            state,
            intent,
            {"payment_method": method["id"], "return_url": session["url"]},
        )
    except (CardError, InvalidParameter) as problem:
        return str(problem)
    return None


def complete(state: State, session_id: str) -> None:
    """The PaymentIntent of a Session was paid, or authorised."""
    session = state.store.find("checkout.session", session_id)
    intent = state.store.find("payment_intent", session["payment_intent"]) if session else None
    if session is None or intent is None or session["status"] != "open":
        return
    method = state.get("payment_method", intent["payment_method"], "payment_method")
    details = method["billing_details"]
    session.update(
        status="complete",
        payment_status="paid" if intent["status"] == "succeeded" else "unpaid",
        url=None,
        customer=intent["customer"],
        customer_details={
            "address": details["address"],
            "business_name": None,
            "email": details["email"],
            "individual_name": None,
            "name": details["name"],
            "phone": details["phone"],
            "tax_exempt": "none",
            "tax_ids": [],
        },
    )
    state.store.save(session)
    state.emit("checkout.session.completed", session)


def _method(state: State, typed: Mapping[str, str]) -> Json:
    expiry = typed.get("expiry", "").replace(" ", "")
    month, _, year = (expiry if "/" in expiry else f"{expiry[:2]}/{expiry[2:]}").partition("/")
    card = {"number": typed.get("number") or "1", "exp_month": month, "exp_year": year or "0",
            "cvc": typed.get("cvc") or None}  # fmt: skip
    billing = {
        "email": typed.get("email") or None,
        "name": typed.get("name") or None,
        "address": {"postal_code": typed.get("postal_code") or None},
    }
    params = {"type": "card", "card": card, "billing_details": billing}
    return payment_methods.create(state, Call(params, publishable=True))


def _intent(state: State, session: Json, typed: Mapping[str, str]) -> Json:
    if session["payment_intent"] is not None:
        return state.get("payment_intent", session["payment_intent"], "payment_intent")
    data = session["_payment_intent_data"]
    params: Json = {
        "amount": session["amount_total"],
        "currency": session["currency"],
        "allowed_payment_method_types": ["card"],
        "payment_method_options": session["payment_method_options"],
        **data,
    }
    customer = session["customer"] or _new_customer(state, session, typed)
    if customer is not None:
        params["customer"] = customer
    intent = payment_intents.create(state, Call(params))
    intent["_checkout_session"] = session["id"]
    state.store.save(intent)
    session["payment_intent"] = intent["id"]
    state.store.save(session)
    return intent


def _new_customer(state: State, session: Json, typed: Mapping[str, str]) -> str | None:
    """A Customer, if the Session always makes one or the card is to be saved."""
    saves = "setup_future_usage" in session["_payment_intent_data"]
    if session["customer_creation"] != "always" and not saves:
        return None
    params = {"email": typed.get("email") or None, "name": typed.get("name") or None}
    return str(customers.create(state, Call(params))["id"])

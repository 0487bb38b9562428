"""PaymentMethods of type card. Card numbers and security codes are checked and never stored."""

import hashlib

from cardpay.sandbox.http.api_errors import ApiError, CardError, InvalidParameter
from cardpay.sandbox.http.form_encoding import Raw
from cardpay.sandbox.http.parameter_validation import (
    hash_of,
    is_number,
    list_of,
    metadata,
    one_of,
    string,
)
from cardpay.sandbox.state.account_state import ID_ALPHABET, Call, State, new_id, public
from cardpay.sandbox.state.sqlite_store import Json
from cardpay.sandbox.stripe_test_cards import BY_NAME, TestCard, by_number

_FINGERPRINT_LENGTH = 16

ADDRESS = {
    name: string(clearable=True)
    for name in ("city", "country", "line1", "line2", "postal_code", "state")
}
BILLING = {
    "address": hash_of(ADDRESS),
    "email": string(clearable=True),
    "name": string(clearable=True),
    "phone": string(clearable=True),
    "tax_id": string(clearable=True),
}
_CARD = {
    "number": string(),
    "exp_month": string(),
    "exp_year": string(),
    "cvc": string(clearable=True),
    "token": string(),
}
CREATE = {
    "type": one_of("card"),
    "card": hash_of(_CARD),
    "billing_details": hash_of(BILLING),
    "allow_redisplay": one_of("always", "limited", "unspecified"),
    "metadata": metadata,
    "expand": list_of(string()),
    # Added by Stripe.js and ignored here.
    "payment_user_agent": string(),
    "referrer": string(),
    "time_on_page": string(),
    "guid": string(),
    "muid": string(),
    "sid": string(),
    "key": string(),
}
_CENTURY = 2000
_MAX_EXPIRY_YEARS = 50


def create(state: State, call: Call) -> Json:
    """`POST /v1/payment_methods`: from typed fields in a browser, or from a test token."""
    params = call.params
    card = params.get("card")
    if not card:
        raise InvalidParameter(
            "Missing required param: card.", code="parameter_missing", param="card"
        )
    if "token" in card:
        found = BY_NAME.get(card["token"].removeprefix("tok_"))
        if found is None:
            raise ApiError(
                f"No such token: '{card['token']}'", code="resource_missing", param="card[token]"
            )
        return _new(state, found, params, cvc_given=True)
    if not call.publishable:
        # Stripe docs, "Testing": a server must not send card numbers.
        problem = InvalidParameter(
            "Sending credit card numbers directly to the Stripe API is generally unsafe. We"
            " suggest you use test tokens that map to the test card you are using, see"
            " https://stripe.com/docs/testing."
        )
        problem.status = 402
        raise problem
    for name in ("number", "exp_month", "exp_year"):
        if not card.get(name):
            raise InvalidParameter(
                f"Missing required param: card[{name}].",
                code="parameter_missing",
                param=f"card[{name}]",
            )
    found = by_number(card["number"])
    month, year = _expiry(state, card["exp_month"], card["exp_year"])
    _check_cvc(found, card.get("cvc"))
    return _new(state, found, params, cvc_given=bool(card.get("cvc")), expiry=(month, year))


def retrieve(state: State, call: Call) -> Json:
    """`GET /v1/payment_methods/{id}`. A name like `pm_card_visa` creates a new one."""
    return resolve(state, call.object_id, in_url=True)


def resolve(state: State, payment_method_id: str, *, in_url: bool) -> Json:
    """The PaymentMethod that a request names, new for a name. Raises ResourceMissing."""
    card = BY_NAME.get(payment_method_id.removeprefix("pm_card_"))
    if card is not None and payment_method_id.startswith("pm_card_"):
        return _new(state, card, {}, cvc_given=True)
    return state.get("payment_method", payment_method_id, "payment_method", in_url=in_url)


def check_usable(method: Json, intent: Json) -> None:
    """Raise ApiError if the PaymentMethod cannot be used for this PaymentIntent.

    Without a Customer it can be used once, even if it is declined. With one, the PaymentIntent
    must name the same Customer (as users report: GitHub, ezet/stripe-sdk, issue 49).
    """
    owner, payer = method["customer"], intent["customer"]
    if owner is not None and payer is None:
        raise ApiError(
            f"The `payment_method` parameter supplied {method['id']} belongs to the Customer"
            f" {owner}. Please include the Customer in the `customer` parameter on the"
            " PaymentIntent.",
            code="parameter_missing",
            param="source",
            payment_intent=public(intent),
        )
    if owner not in {None, payer}:
        raise ApiError(
            f"The PaymentMethod {method['id']} does not belong to the Customer you supplied"
            f" {payer}. Please use this PaymentMethod with the Customer that it belongs to"
            " instead.",
            param="payment_method",
            payment_intent=public(intent),
        )
    if owner is None and (method["_used_by"] not in {None, intent["id"]} or method["_spent"]):
        raise ApiError(
            "The provided PaymentMethod was previously used with a PaymentIntent without"
            " Customer attachment, shared with a connected account without Customer attachment,"
            " or was detached from a Customer. It may not be used again. To use a PaymentMethod"
            " multiple times, you must attach it to a Customer first."
        )


def attach_to(state: State, method: Json, customer_id: str) -> None:
    """Save the PaymentMethod with a Customer, who can then use it repeatedly."""
    method["customer"] = customer_id
    state.store.save(method)
    state.emit("payment_method.attached", method)


def without_secrets(params: dict[str, Raw]) -> dict[str, Raw]:
    """A request's parameters without those that identify a card or give access to a payment."""
    secret = {"number", "cvc", "exp_month", "exp_year", "client_secret", "key"}
    return {
        name: without_secrets(value) if isinstance(value, dict) else value
        for name, value in params.items()
        if name not in secret
    }


def _expiry(state: State, month_text: str, year_text: str) -> tuple[int, int]:
    month = int(month_text) if is_number(month_text) else 0
    if not 1 <= month <= 12:
        raise CardError(
            "Your card's expiration month is invalid.",
            code="invalid_expiry_month",
            param="exp_month",
        )
    now = state.clock.now()
    year = int(year_text) if is_number(year_text) else 0
    year += _CENTURY if 0 < year < 100 else 0
    if not now.year <= year <= now.year + _MAX_EXPIRY_YEARS:
        raise CardError(
            "Your card's expiration year is invalid.",
            code="invalid_expiry_year",
            param="exp_year",
        )
    if (year, month) < (now.year, now.month):
        raise CardError(
            "Your card's expiration month is invalid.",
            code="invalid_expiry_month",
            param="exp_month",
        )
    return month, year


def _check_cvc(card: TestCard, cvc: str | None) -> None:
    if cvc is None:
        return
    lengths = {3, 4} if card.brand == "amex" else {3}
    if not (cvc.isascii() and cvc.isdigit()) or len(cvc) not in lengths:
        raise CardError("Your card's security code is invalid.", code="invalid_cvc", param="cvc")


def _new(
    state: State,
    card: TestCard,
    params: Json,
    *,
    cvc_given: bool,
    expiry: tuple[int, int] | None = None,
) -> Json:
    month, year = expiry or (state.clock.now().month, state.clock.now().year + 1)
    billing = params.get("billing_details") or {}
    address = billing.get("address") or {}
    method: Json = {
        "id": new_id("pm_1"),
        "object": "payment_method",
        "allow_redisplay": params.get("allow_redisplay", "unspecified"),
        "billing_details": {
            "address": {name: address.get(name) for name in ADDRESS},
            **{name: billing.get(name) for name in ("email", "name", "phone", "tax_id")},
        },
        "card": {
            "brand": card.brand,
            "checks": {
                "address_line1_check": "unchecked" if address.get("line1") else None,
                "address_postal_code_check": ("unchecked" if address.get("postal_code") else None),
                "cvc_check": "unchecked" if cvc_given else None,
            },
            "country": card.country,
            "display_brand": card.brand,
            "exp_month": month,
            "exp_year": year,
            "fingerprint": fingerprint(state.account_id, card.number),
            "funding": card.funding,
            "generated_from": None,
            "last4": card.last4,
            "networks": {
                "available": [card.co_brand, card.brand] if card.co_brand else [card.brand],
                "preferred": None,
            },
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": card.three_d_secure != "not_supported"},
            "wallet": None,
        },
        "created": state.seconds(),
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": params.get("metadata") or {},
        "type": "card",
        "_card": card.name,
        "_cvc_given": cvc_given,
        "_set_up": False,  # for charges while its holder is absent
        "_used_by": None,
        "_spent": False,
    }
    state.store.save(method)
    return method


def fingerprint(account_id: str, number: str) -> str:
    """A card's fingerprint, 16 letters and digits: the same for every use within an account."""
    digest = hashlib.sha256(f"{account_id} {number}".encode()).digest()[:_FINGERPRINT_LENGTH]
    return "".join(ID_ALPHABET[byte % len(ID_ALPHABET)] for byte in digest)

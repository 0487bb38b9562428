"""Charges, which only the confirm of a PaymentIntent creates."""

import secrets
from typing import Literal, TypeAlias

from cardpay.sandbox.api.payments import charge_receipts
from cardpay.sandbox.hold_period import HOLD_DAYS
from cardpay.sandbox.state.account_state import State, new_id
from cardpay.sandbox.state.clock import DAY_SECONDS
from cardpay.sandbox.state.sqlite_store import Json
from cardpay.sandbox.stripe_test_cards import BY_NAME, Decline, TestCard

SETTLE_AFTER_SECONDS = 3  # `balance_transaction` is null until then, as at Stripe
DISPUTE_AFTER_SECONDS = 5
Authentication: TypeAlias = Literal["challenge", "frictionless"]  # how the cardholder did it


def attempt(
    state: State, intent: Json, method: Json, *, moto: bool, authenticated: Authentication | None
) -> tuple[Json, Decline | None]:
    """Charge the card of a PaymentMethod. Returns the Charge, and the decline if there was one."""
    card = BY_NAME[method["_card"]]
    decline = card.decline
    if decline is not None and decline.code == "incorrect_cvc" and not method["_cvc_given"]:
        decline = None  # a security code that was not sent cannot be wrong
    if decline is None and state.declines_all:
        decline = BY_NAME["chargeDeclined"].decline
    held = decline is None and intent["capture_method"] == "manual"
    charge = _charge(state, intent, method, decline, held=held)
    charge["payment_method_details"]["card"] = _card_details(
        state, charge, card, method, held=held, moto=moto, authenticated=authenticated
    )
    describe(charge, intent)
    if decline is None:
        charge_receipts.add_receipt(state, charge)
    state.store.save(charge)
    if decline is not None:
        state.emit("charge.failed", charge)
    else:
        state.emit("charge.succeeded", charge)
        if held:
            state.schedule(HOLD_DAYS * DAY_SECONDS, "expire_hold", charge["id"])
        else:
            settle_later(state, charge)
    return charge, decline


def capture(state: State, charge: Json, amount: int) -> None:
    """Capture `amount` of an authorised Charge, and release the rest.

    Stripe shows the rest as refunded, so `amount - amount_refunded` is the amount that we receive.
    """
    charge["captured"] = True
    charge["amount_captured"] = amount
    if amount < charge["amount"]:
        charge["amount_refunded"] = charge["amount"] - amount
    charge["payment_method_details"]["card"].pop("capture_before", None)
    state.store.save(charge)
    state.emit("charge.captured", charge)
    settle_later(state, charge)


def settle_later(state: State, charge: Json) -> None:
    """Schedule the balance transaction of a Charge, and what its test card causes afterwards."""
    state.schedule(SETTLE_AFTER_SECONDS, "settle", charge["id"])
    card = BY_NAME[charge["_card"]]
    if card.dispute:
        state.schedule(DISPUTE_AFTER_SECONDS, "dispute", charge["id"])
    if card.fraud_warning:
        state.schedule(DISPUTE_AFTER_SECONDS, "fraud_warning", charge["id"])


def _charge(
    state: State, intent: Json, method: Json, decline: Decline | None, *, held: bool
) -> Json:
    charge_id = new_id("ch_3")
    paid = decline is None
    return {
        "id": charge_id,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if paid and not held else 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "captured": paid and not held,
        "created": state.seconds(),
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": decline.code if decline else None,
        "failure_message": decline.message if decline else None,
        "fraud_details": {},
        "livemode": False,
        "metadata": intent["metadata"],
        "on_behalf_of": None,
        "outcome": _outcome(BY_NAME[method["_card"]], decline),
        "paid": paid,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {"card": {}, "type": "card"},
        "radar_options": {},
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": intent["shipping"],
        "source": None,
        "source_transfer": None,
        "statement_descriptor": intent["statement_descriptor"],
        "status": "succeeded" if paid else "failed",
        "transfer_data": None,
        "transfer_group": None,
        "_card": method["_card"],
    }


def describe(charge: Json, intent: Json) -> None:
    """Set what the cardholder reads: the account's prefix, and the payment's suffix."""
    suffix = intent["statement_descriptor_suffix"]
    charge["statement_descriptor_suffix"] = suffix
    charge["calculated_statement_descriptor"] = f"SANDBOX* {suffix}" if suffix else "SANDBOX"


def _outcome(card: TestCard, decline: Decline | None) -> Json:
    if decline is None:
        network, reason, kind, message = (
            "approved_by_network", None, "authorized", "Payment complete.",
        )  # fmt: skip
    elif decline.blocked:
        network, reason, kind, message = (
            "not_sent_to_network", "highest_risk_level", "blocked",
            "Stripe blocked this payment as too risky.",
        )  # fmt: skip
    else:
        network, reason, kind, message = (
            "declined_by_network", decline.decline_code, "issuer_declined",
            "The bank did not accept the payment.",
        )  # fmt: skip
    return {
        "advice_code": decline.advice_code if decline else None,
        "network_advice_code": None,
        "network_decline_code": decline.network_decline_code if decline else None,
        "network_status": network,
        "reason": reason,
        "risk_level": card.risk,
        "seller_message": message,
        "type": kind,
    }


def _check(card: TestCard, name: str, *, failed_cvc: bool) -> str:
    """What the bank says about a security code or an address that was given."""
    return "fail" if failed_cvc and name == "cvc_check" else card.checks.get(name, "pass")


def _card_details(
    state: State,
    charge: Json,
    card: TestCard,
    method: Json,
    *,
    held: bool,
    moto: bool,
    authenticated: Authentication | None,
) -> Json:
    shown = method["card"]
    approved = charge["paid"]
    failed_cvc = charge["failure_code"] == "incorrect_cvc"
    details: Json = {
        "amount_authorized": charge["amount"] if approved else None,
        "authorization_code": f"{secrets.randbelow(10**6):06}" if approved else None,
        "brand": shown["brand"],
        "checks": {
            name: _check(card, name, failed_cvc=failed_cvc) if value else None
            for name, value in shown["checks"].items()
        },
        "country": shown["country"],
        "electronic_commerce_indicator": (
            _commerce_indicator(card.brand, moto=moto, authenticated=authenticated is not None)
            if approved
            else None
        ),
        "exp_month": shown["exp_month"],
        "exp_year": shown["exp_year"],
        "extended_authorization": {"status": "disabled"},
        "fingerprint": shown["fingerprint"],
        "funding": shown["funding"],
        "incremental_authorization": {"status": "unavailable"},
        "installments": None,
        "last4": shown["last4"],
        "mandate": None,
        "moto": moto or None,
        "multicapture": {"status": "unavailable"},
        "network": card.brand,
        "network_token": {"used": False},
        "network_transaction_id": f"{secrets.randbelow(10**15):015}" if approved else None,
        "overcapture": {
            "maximum_amount_capturable": charge["amount"],
            "status": "unavailable",
        },
        "regulated_status": "unregulated",
        "three_d_secure": (
            {
                "authentication_flow": authenticated,
                "electronic_commerce_indicator": "05",
                "exemption_indicator": None,
                "result": "authenticated",
                "result_reason": None,
                "transaction_id": new_id("", 28),
                "version": "2.2.0",
            }
            if authenticated
            else None
        ),
        "transaction_link_id": None,
        "wallet": None,
    }
    if held:
        details["capture_before"] = state.seconds() + HOLD_DAYS * DAY_SECONDS
    return details


def _commerce_indicator(brand: str, *, moto: bool, authenticated: bool) -> str | None:
    """How far the cardholder was authenticated, as the network says it.

    Stripe fills it in for Visa and Mastercard only (SDK: `Charge.PaymentMethodDetails.Card`).
    """
    if brand == "mastercard":
        return "02" if authenticated else None
    if brand != "visa":
        return None
    return "05" if authenticated else "01" if moto else "07"

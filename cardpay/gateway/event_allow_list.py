"""Which fields of an event's object are stored: those that applying the event needs.

A client_secret, name, address, e-mail, or metadata that others wrote is never among them. The
result has the structure of Stripe's JSON, so that `snapshot_parsing` can parse it.
"""

from collections.abc import Mapping
from typing import Any, Final

from cardpay.domain.card_number_guard import is_our_id
from cardpay.gateway.stripe_ids import is_stripe_id
from cardpay.gateway.text_sanitizer import sanitize_text

Json = Mapping[str, Any]

# How each field is stored.
_ID: Final = "id"  # an expandable field: only its id
_IDS: Final = "ids"  # a list of expandable fields: only their ids
_VALUE: Final = "value"  # a number, or one of Stripe's codes
_TEXT: Final = "text"  # free text, sanitized
_OUR_ID: Final = "our_id"  # the id of a row of ours; anything else that was put there is dropped

_CARD: Final = dict.fromkeys(
    ("brand", "last4", "exp_month", "exp_year", "country", "funding", "fingerprint"), _VALUE
)
_CHECKS: Final = dict.fromkeys(
    ("cvc_check", "address_postal_code_check", "address_line1_check"), _VALUE
)
# The kinds of payment methods whose details are kept; of all others, their type.
_METHOD: Final = {
    "type": _VALUE,
    "card": _CARD,
    **dict.fromkeys(("card_present", "interac_present", "us_bank_account", "sepa_debit"), _CARD),
    **dict.fromkeys(("bacs_debit", "au_becs_debit", "acss_debit", "nz_bank_account"), _CARD),
    "amazon_pay": {"funding": {"card": _CARD}},
    "link": {"card": _CARD},
}
# The limit of a metadata value (Stripe docs: "Metadata"). A text beyond it is not Stripe's and is
# left out unread: sanitizing takes time, and a card number that was cut would not be recognised.
_MAX_TEXT_LENGTH: Final = 500

_ALLOWED: Final[dict[str, dict[str, Any]]] = {
    "payment_intent": {
        **dict.fromkeys(
            ("object", "status", "amount", "amount_received", "amount_capturable"), _VALUE
        ),
        "id": _ID,
        **dict.fromkeys(
            ("currency", "livemode", "created", "canceled_at", "cancellation_reason"), _VALUE
        ),
        "capture_method": _VALUE,
        "payment_method": _ID,
        "latest_charge": _ID,
        "last_payment_error": {
            **dict.fromkeys(
                ("code", "decline_code", "network_decline_code", "advice_code"), _VALUE
            ),
            "charge": _ID,
            "payment_method": {"id": _ID, **_METHOD},
        },
        "next_action": {"type": _VALUE},
        "metadata": {"payment_id": _OUR_ID, "order_reference": _TEXT},
    },
    "charge": {
        **dict.fromkeys(
            ("object", "status", "amount", "amount_captured", "amount_refunded"), _VALUE
        ),
        "id": _ID,
        **dict.fromkeys(
            ("currency", "livemode", "created", "captured", "disputed", "failure_code"), _VALUE
        ),
        "payment_intent": _ID,
        "payment_method": _ID,
        **dict.fromkeys(("balance_transaction", "failure_balance_transaction", "transfer"), _ID),
        "outcome": dict.fromkeys(
            (
                "type",
                "reason",
                "network_decline_code",
                "advice_code",
                "risk_level",
                "risk_score",
            ),
            _VALUE,
        ),
        "payment_method_details": {
            **_METHOD,
            "card": {**_CARD, "capture_before": _VALUE, "moto": _VALUE, "checks": _CHECKS},
        },
    },
    "refund": {
        "id": _ID,
        **dict.fromkeys(("object", "status", "amount", "currency", "created"), _VALUE),
        **dict.fromkeys(("reason", "failure_reason"), _VALUE),
        **dict.fromkeys(("charge", "payment_intent", "balance_transaction"), _ID),
        "failure_balance_transaction": _ID,
        "metadata": {"refund_id": _OUR_ID},
    },
    "dispute": {
        "id": _ID,
        **dict.fromkeys(("object", "status", "amount", "currency", "created"), _VALUE),
        **dict.fromkeys(("reason", "livemode", "is_charge_refundable"), _VALUE),
        **dict.fromkeys(("charge", "payment_intent"), _ID),
        "balance_transactions": _IDS,
        "evidence_details": {"due_by": _VALUE},
    },
    # Never its address: whoever has it may pay. It is asked for again before it is applied.
    "checkout.session": {
        "id": _ID,
        **dict.fromkeys(("object", "status", "livemode", "created", "expires_at"), _VALUE),
        "client_reference_id": _OUR_ID,
        "payment_intent": _ID,
    },
    "payout": {
        "id": _ID,
        **dict.fromkeys(("object", "status", "amount", "currency", "created"), _VALUE),
        **dict.fromkeys(("livemode", "arrival_date", "automatic", "method"), _VALUE),
        **dict.fromkeys(("reconciliation_status", "failure_code"), _VALUE),
        **dict.fromkeys(("failure_message", "statement_descriptor"), _TEXT),
        "trace_id": {"value": _TEXT},
        **dict.fromkeys(("balance_transaction", "failure_balance_transaction"), _ID),
    },
}


def allowed_fields(event_object: Json) -> dict[str, Any]:
    """The part of an event's object that may be stored; empty for a kind that is never applied."""
    allowed = _ALLOWED.get(str(event_object.get("object")))
    return _allowed_part(event_object, allowed) if allowed else {}


def _allowed_part(given: Json, allowed: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, rule in allowed.items():
        value = given.get(name)
        if isinstance(rule, Mapping):
            if isinstance(value, Mapping):
                found[name] = _allowed_part(value, rule)
        elif rule == _IDS:
            ids = value if isinstance(value, list) else ()
            found[name] = [its_id for one in ids if (its_id := _id(one)) is not None]
        elif rule == _ID:
            found[name] = _id(value)
        elif isinstance(value, str) and rule == _OUR_ID:
            found[name] = value if is_our_id(value) else ""
        elif isinstance(value, str) and rule in {_TEXT, _VALUE}:
            if len(value) <= _MAX_TEXT_LENGTH:
                found[name] = sanitize_text(value)  # a code too: what stands there may be none
        elif rule == _VALUE and (value is None or isinstance(value, int | float)):
            found[name] = value
    return found


def _id(value: object) -> str | None:
    if isinstance(value, Mapping):
        value = value.get("id")
    return value if is_stripe_id(value) else None

"""What of an event's object is stored: the fields that applying it needs, and nothing else.

Never a client_secret, a name, an address, an e-mail, or metadata that others wrote. The result
has Stripe's shape, so that the readers in `snapshots` read it.
"""

from collections.abc import Mapping
from typing import Any, Final

from cardpay.domain.card_number_guard import is_our_id
from cardpay.gateway.text_sanitizer import stored_text

Json = Mapping[str, Any]

_ID: Final = "id"  # an expandable field: its id alone
_VALUE: Final = "value"  # a number, or one of Stripe's words
_TEXT: Final = "text"  # somebody's words: card numbers masked
_OURS: Final = "ours"  # the id of a row of ours, and nothing else that somebody put there
_IDS: Final = "ids"

_CARD: Final = dict.fromkeys(
    ("brand", "last4", "exp_month", "exp_year", "country", "funding", "fingerprint"), _VALUE
)
_LONGEST_TEXT: Final = 500  # Stripe docs: "Metadata", a value's limit

_KEPT: Final[dict[str, dict[str, Any]]] = {
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
            "payment_method": {"id": _ID, "card": _CARD},
        },
        "metadata": {"payment_id": _OURS, "order_reference": _TEXT},
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
        "balance_transaction": _ID,
        "outcome": dict.fromkeys(
            ("type", "reason", "network_decline_code", "advice_code"), _VALUE
        ),
        "payment_method_details": {"card": {**_CARD, "capture_before": _VALUE}},
    },
    "refund": {
        "id": _ID,
        **dict.fromkeys(("object", "status", "amount", "currency", "created"), _VALUE),
        **dict.fromkeys(("reason", "failure_reason"), _VALUE),
        **dict.fromkeys(("charge", "payment_intent", "balance_transaction"), _ID),
        "metadata": {"refund_id": _OURS},
    },
    "dispute": {
        "id": _ID,
        **dict.fromkeys(("object", "status", "amount", "currency", "created"), _VALUE),
        **dict.fromkeys(("reason", "livemode"), _VALUE),
        **dict.fromkeys(("charge", "payment_intent"), _ID),
        "balance_transactions": _IDS,
        "evidence_details": {"due_by": _VALUE},
    },
}


def kept(event_object: Json) -> dict[str, Any]:
    """The part of an event's object that may be stored; empty for a kind that is not applied."""
    allowed = _KEPT.get(str(event_object.get("object")))
    return _allowed_part(event_object, allowed) if allowed else {}


def _allowed_part(given: Json, allowed: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, rule in allowed.items():
        value = given.get(name)
        if isinstance(rule, Mapping):
            if isinstance(value, Mapping):
                found[name] = _allowed_part(value, rule)
        elif rule == _IDS:
            found[name] = [_id(one) for one in value or () if _id(one) is not None]
        elif rule == _ID:
            found[name] = _id(value)
        elif isinstance(value, str) and rule == _TEXT:
            found[name] = stored_text(value)[:_LONGEST_TEXT]
        elif isinstance(value, str) and rule == _OURS:
            found[name] = value if is_our_id(value) else ""
        elif isinstance(value, str) and rule == _VALUE:
            found[name] = stored_text(value)  # no word of Stripe's is one: to be sure
        elif rule == _VALUE and (value is None or isinstance(value, int | float)):
            found[name] = value
    return found


def _id(value: object) -> str | None:
    if isinstance(value, Mapping):
        value = value.get("id")
    return value if isinstance(value, str) else None

"""A Stripe in which everybody has written card numbers wherever words can be written."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cardpay.sandbox import Sandbox
from cardpay.sandbox.http.request_handler import Reply

NUMBERS = ("4242424242424242", "5555-5555-5555-4444", "3782 822463 10005", "4000.0000.0000.0002")

# What Stripe alone writes, and what the desk reads to know what the object is.
_STRUCTURE = frozenset(
    "amount api_version balance_transaction capture_method charge client_secret currency id"
    " latest_charge network_status object payment_intent payment_method request source status"
    " type url".split()
)
# Where people write, though the object at hand may have nothing there (Stripe API reference:
# the PaymentIntent, Charge, Refund, Dispute and BalanceTransaction objects).
_WRITTEN: dict[str, Any] = {
    "payment_intent": {
        "description": "",
        "receipt_email": "",
        "statement_descriptor": "",
        "statement_descriptor_suffix": "",
        "cancellation_reason": "",
        "shipping": {"name": "", "phone": "", "address": {"line1": "", "city": ""}},
    },
    "charge": {
        "description": "",
        "receipt_email": "",
        "failure_message": "",
        "statement_descriptor": "",
        "calculated_statement_descriptor": "",
        "billing_details": {"name": "", "email": "", "phone": "", "address": {"line1": ""}},
    },
    "refund": {"description": "", "failure_reason": "", "instructions_email": "", "reason": ""},
    "dispute": {
        "reason": "",
        "evidence": {"customer_name": "", "uncategorized_text": "", "product_description": ""},
    },
    "balance_transaction": {"description": "", "reporting_category": ""},
    "metadata": {"order_reference": "", "note": "", NUMBERS[0]: ""},
}


class StripeWithCardNumbers:
    """Answers what the sandbox answers, with card numbers in every text of every object."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._written = 0

    def handle(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """As the sandbox's."""
        reply = self._sandbox.handle(method, target, headers, body)
        return replace(reply, body=json.dumps(self.with_numbers(json.loads(reply.body))).encode())

    def with_numbers(self, value: Any, name: str = "", *, ours: bool = False) -> Any:
        """The same JSON with card numbers in its texts; ids of ours stay in metadata."""
        if isinstance(value, Mapping):
            kind = "metadata" if name == "metadata" else str(value.get("object"))
            given = {**_WRITTEN.get(kind, {}), **{key: one for key, one in value.items() if one}}
            return {
                key: self.with_numbers(one, key, ours=kind == "metadata" and key.endswith("_id"))
                for key, one in {**value, **given}.items()
            }
        if isinstance(value, list):
            return [self.with_numbers(one, name) for one in value]
        if not isinstance(value, str) or name in _STRUCTURE or ours:
            return value
        self._written += 1
        return f"{value} {NUMBERS[self._written % len(NUMBERS)]}"

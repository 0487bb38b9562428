"""Objects of forms that the sandbox does not make, wherever Stripe shows them.

Some of them this version of the desk does not know, a later one does. Others are paid by something
else than a card. The sandbox's answers and events are rewritten on their way.
"""

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

NEW_STATUS = "requires_countersignature"


class Form(StrEnum):
    """What is unknown about an object."""

    NEW_STATUS = "its status is a new one"
    UNREADABLE = "it lacks what every object of its kind has, so that it cannot be read"
    ONLY_CHARGE = "it names its charge, and no PaymentIntent"


_FORMS_OF_ALL: Final = (Form.NEW_STATUS, Form.UNREADABLE)
FORMS: Final = {
    "payment_intent": _FORMS_OF_ALL,
    "refund": (*_FORMS_OF_ALL, Form.ONLY_CHARGE),
    "payout": _FORMS_OF_ALL,
}
_LACKING: Final = {"payment_intent": "status", "refund": "amount", "payout": "status"}

# By what else than a card is paid, with what a Charge tells of it; the last one is a new one.
OTHER_METHODS: Final[dict[str, dict[str, Any]]] = {
    "us_bank_account": {"bank_name": "STRIPE TEST BANK", "last4": "6789", "fingerprint": "FF6"},
    "klarna": {"payment_method_category": "pay_later"},
    "card_present": {"brand": "visa", "last4": "9969", "exp_month": 8, "exp_year": 2031},
    "oxxo": {"number": None},
    "shell_money": {},
}


@dataclass
class UnknownForms:
    """Which objects, by Stripe's id, have which form until a new version knows it.

    `methods`: by which of OTHER_METHODS PaymentIntents were paid, for good.
    """

    forms: dict[str, Form] = field(default_factory=dict)
    methods: dict[str, str] = field(default_factory=dict)

    @property
    def unreadable(self) -> set[str]:
        """The ids of those that cannot be read."""
        return {one for one, form in self.forms.items() if form is Form.UNREADABLE}

    def rewritten(self, body: bytes) -> bytes:
        """An answer's or an event's body, with these objects in their form."""
        if not any(one.encode() in body for one in (*self.forms, *self.methods)):
            return body
        found = json.loads(body)
        self._rewrite(found, None)
        return json.dumps(found).encode()

    def _rewrite(self, found: Any, method: str | None) -> None:
        """`method`: what the object was paid by that this is a part of."""
        if isinstance(found, list):
            for one in found:
                self._rewrite(one, method)
        if not isinstance(found, dict):
            return
        kind = found.get("object")  # of an event's data that is the object itself
        if not isinstance(kind, str):
            kind = None
        if kind in {"payment_intent", "charge"}:
            intent = found["id"] if kind == "payment_intent" else found.get("payment_intent")
            intent_id = intent["id"] if isinstance(intent, dict) else intent
            method = self.methods.get(str(intent_id))
        for one in found.values():
            self._rewrite(one, method)
        if method is not None:
            _pay_by(found, kind, method)
        if kind in _LACKING and found["id"] in self.forms:
            _deform(found, kind, self.forms[found["id"]])


def _pay_by(found: dict[str, Any], kind: str | None, method: str) -> None:
    details = {"type": method, method: OTHER_METHODS[method]}
    if kind == "payment_intent":
        found["payment_method_types"] = [method]
    elif kind == "charge":
        found["payment_method_details"] = details
    elif kind == "payment_method":
        found.pop("card", None)
        found.update(details)


def _deform(found: dict[str, Any], kind: str, form: Form) -> None:
    match form:
        case Form.NEW_STATUS if "status" in found:
            found["status"] = NEW_STATUS
        case Form.UNREADABLE:
            found.pop(_LACKING[kind], None)
        case Form.ONLY_CHARGE:
            found["payment_intent"] = None

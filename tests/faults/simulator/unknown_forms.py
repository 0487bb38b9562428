"""PaymentIntents of a form that this version does not know, wherever Stripe shows them.

The sandbox has no such objects, so its answers and events are rewritten on their way.
"""

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

NEW_STATUS = "requires_countersignature"


class Form(StrEnum):
    """What is unknown about an object."""

    NEW_STATUS = "its status is a new one"
    NO_STATUS = "it has no status, so that it cannot be read"


@dataclass
class UnknownForms:
    """Which PaymentIntents, by Stripe's id, have which form until a new version knows it."""

    forms: dict[str, Form] = field(default_factory=dict)

    @property
    def unreadable(self) -> set[str]:
        """The ids of those that cannot be read."""
        return {one for one, form in self.forms.items() if form is Form.NO_STATUS}

    def rewritten(self, body: bytes) -> bytes:
        """An answer's or an event's body, with these objects in their form."""
        if not any(one.encode() in body for one in self.forms):
            return body
        found = json.loads(body)
        self._rewrite(found)
        return json.dumps(found).encode()

    def _rewrite(self, found: Any) -> None:
        if isinstance(found, list):
            for one in found:
                self._rewrite(one)
        if not isinstance(found, dict):
            return
        for one in found.values():
            self._rewrite(one)
        if found.get("object") == "payment_intent" and "status" in found:
            match self.forms.get(found["id"]):
                case Form.NEW_STATUS:
                    found["status"] = NEW_STATUS
                case Form.NO_STATUS:
                    del found["status"]

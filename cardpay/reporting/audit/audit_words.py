"""The audit log in words: actions, objects and changes."""

import json
from collections.abc import Mapping
from typing import Any, Final

from cardpay.domain.money import Money
from cardpay.domain.money_format import format_money

# Other acts are worded by `act_words`.
_ACTS: Final = {
    "audit.export": "Audit log exported",
    "audit.prune": "Old audit entries deleted",
    "audit.seen": "Audit log viewed",
    "backfill.end": "Import ended",
    "backfill.resume": "Import resumed",
    "backfill.start": "Import started",
    "catalogue.add": "Product added",
    "catalogue.change": "Product changed",
    "catalogue.restore": "Product restored",
    "catalogue.withdraw": "Product archived",
    "chart.taken": "Chart data downloaded",
    "customer.erase": "Customer details erased",
    "denied": "Access denied",
    "dispute.status": "Dispute changed",
    "event.retry": "Event retried",
    "export.taken": "Export downloaded",
    "list.export": "List exported",
    "operation.give_up": "Operation dismissed",
    "operation.look": "Operation checked with Stripe",
    "operation.try_again": "Operation retried",
    "limit.reached": "Limit reached",
    "payment.attempt": "Payment attempted",
    "payment.attempt.refused": "Payment attempt refused",
    "payment.attempt.replayed": "Payment attempt repeated",
    "payment.cancel": "Cancellation requested",
    "payment.capture": "Capture requested",
    "payment.create": "Payment created",
    "payment.link": "Payment link made",
    "payment.link.cancel": "Link cancellation requested",
    "payment.link.seen": "Payment link viewed",
    "payment.link.status": "Payment link changed",
    "payment.refund": "Refund requested",
    "payment.note": "Note added",
    "payment.status": "Payment changed",
    "payment.receipt_email": "Receipt email requested",
    "balance.month_end": "Month-end file taken",
    "receipt.taken": "Receipt taken",
    "reconciliation.end": "Reconciliation ended",
    "reconciliation.start": "Reconciliation started",
    "refund.status": "Refund changed",
    "settings.seen": "Settings viewed",
    "sign_in": "Signed in",
    "sign_in.denied": "Sign-in denied",
    "sign_out": "Signed out",
    "staff.erase": "Staff name erased",
    "view.delete": "View deleted",
    "view.first": "Opening view chosen",
    "view.save": "View saved",
}
_KINDS: Final = {"backfill": "import", "stripe_event": "event"}
_MINOR: Final = "_minor"


def act_words(act: str) -> str:
    """The action in words: "Refund requested"."""
    return _ACTS.get(act) or act.replace(".", " ").replace("_", " ").capitalize()


def subject_words(kind: str, subject_id: str) -> str:
    """The kind and id of an object: "payment 0f8c…"."""
    return f"{_KINDS.get(kind) or kind.replace('_', ' ')} {subject_id}"


def change_words(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """The changed fields: "status: processing → succeeded · amount: £12.00"."""
    said = []
    for name in [*before, *(name for name in after if name not in before)]:
        if name == "currency" and any(other.endswith(_MINOR) for other in after):
            continue  # it stands with the amount
        label = name.removesuffix(_MINOR).replace("_", " ")
        old, new = _value(name, before), _value(name, after)
        if name not in before:
            said.append(f"{label}: {new}")
        elif name not in after:
            said.append(f"{label}: was {old}")
        else:
            said.append(f"{label}: {old} → {new}")
    return " · ".join(said)


def _value(name: str, values: Mapping[str, Any]) -> str:
    value = values.get(name)
    currency = values.get("currency")
    if name.endswith(_MINOR) and isinstance(value, int) and isinstance(currency, str):
        return format_money(Money(value, currency))
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else json.dumps(value)

"""The audit log in words: what was done, and what it changed."""

import json
from collections.abc import Mapping
from typing import Any, Final

from cardpay.domain.money import Money
from cardpay.domain.money_format import format_money

# What is not here is worded by rule.
_ACTS: Final = {
    "audit.export": "Audit log exported",
    "audit.prune": "Oldest part of the audit log pruned",
    "audit.seen": "Audit log seen",
    "backfill.end": "Backfill ended",
    "backfill.resume": "Backfill went on",
    "backfill.start": "Backfill begun",
    "denied": "Denied",
    "dispute.status": "Dispute changed",
    "event.retry": "Event tried again",
    "operation.give_up": "Operation given up",
    "operation.look": "Operation looked up at Stripe",
    "operation.try_again": "Operation tried again",
    "payment.attempt": "Card tried",
    "payment.attempt.replayed": "Card submission replayed",
    "payment.cancel": "Cancelling asked for",
    "payment.capture": "Capturing asked for",
    "payment.create": "Payment created",
    "payment.refund": "Refund asked for",
    "payment.status": "Payment changed",
    "reconciliation.end": "Reconciliation ended",
    "reconciliation.start": "Reconciliation begun",
    "refund.status": "Refund changed",
    "settings.seen": "Settings seen",
    "sign_in": "Signed in",
    "sign_in.denied": "Sign-in denied",
    "sign_out": "Signed out",
}
_MINOR: Final = "_minor"


def act_words(act: str) -> str:
    """ "Refund asked for"; of an act that has no words here, its name: "Product change"."""
    return _ACTS.get(act) or act.replace(".", " ").replace("_", " ").capitalize()


def subject_words(kind: str, subject_id: str) -> str:
    """ "payment 0f8c…"."""
    return f"{kind.replace('_', ' ')} {subject_id}"


def change_words(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """ "status: processing → succeeded · amount: £12.00"."""
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
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else json.dumps(value)

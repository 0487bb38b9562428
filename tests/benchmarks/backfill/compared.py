"""What an import left, beside the account that it imported: each object by its id."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from cardpay.storage.database.engine import Store, connect
from tests.benchmarks.backfill.list_server import Account
from tests.support.desks.worlds import AUDIT_KEYS

_Values = tuple[object, ...]


@dataclass(frozen=True)
class Difference:
    """How many objects of one kind are not as they should be."""

    missing: int
    doubled: int
    unknown: int  # at Stripe there is none with this id
    otherwise: int  # an amount, the currency or the outcome is another

    @property
    def is_none(self) -> bool:
        """Whether all are there once, as they are at Stripe."""
        return self == Difference(0, 0, 0, 0)


@dataclass(frozen=True)
class _Kind:
    """A list of Stripe's, what counts in it, and the rows that must say the same."""

    list_name: str
    theirs: Callable[[Mapping[str, Any]], _Values]  # the id first
    ours: str
    counts: Callable[[Mapping[str, Any]], bool] = lambda _one: True


_OUTCOMES = {"succeeded": "succeeded", "failed": "declined"}

_KINDS = {
    "payments": _Kind(
        "payment_intents",
        lambda one: (
            one["id"],
            one["amount"],
            one["amount_received"],
            one["currency"],
            one["status"],
        ),
        "SELECT stripe_payment_intent_id, amount_minor, amount_received_minor, currency, status"
        " FROM payment",
    ),
    "attempts": _Kind(
        "charges",
        lambda one: (one["id"], one["amount"], one["currency"], _OUTCOMES[one["status"]]),
        "SELECT stripe_charge_id, amount_minor, currency, outcome FROM payment_attempt",
    ),
    "amounts given back": _Kind(
        "charges",
        lambda one: (one["id"], one["amount_refunded"]),
        "SELECT latest_charge_id, amount_refunded_minor FROM payment WHERE status = 'succeeded'",
        lambda one: one["status"] == "succeeded",
    ),
    "refunds": _Kind(
        "refunds",
        lambda one: (one["id"], one["amount"], one["currency"], one["status"], one["charge"]),
        "SELECT stripe_refund_id, amount_minor, currency, status, stripe_charge_id FROM refund",
    ),
    "disputes": _Kind(
        "disputes",
        lambda one: (one["id"], one["amount"], one["currency"], one["status"], one["charge"]),
        "SELECT stripe_dispute_id, amount_minor, currency, status, stripe_charge_id FROM dispute",
    ),
    "balance transactions": _Kind(
        "balance_transactions",
        lambda one: (
            one["id"],
            one["amount"],
            one["fee"],
            one["net"],
            one["currency"],
            one["source"],
        ),
        "SELECT stripe_balance_transaction_id, gross_minor, fee_minor, net_minor, currency,"
        " stripe_source_id FROM balance_transaction",
    ),
}


def compare(database: str, account: Account) -> dict[str, Difference]:
    """Each kind of object, one after the other."""
    store = Store(connect(database), AUDIT_KEYS)
    found = {name: _compared(store, account, kind) for name, kind in _KINDS.items()}
    store.close()
    return found


def _compared(store: Store, account: Account, kind: _Kind) -> Difference:
    theirs = {
        object_id: values
        for object_id, *values in (
            kind.theirs(one) for one in account.objects(kind.list_name) if kind.counts(one)
        )
    }
    seen: set[object] = set()
    doubled = unknown = otherwise = 0
    with store.reading() as session:
        for object_id, *values in session.connection().execute(text(kind.ours)):
            doubled += object_id in seen
            unknown += object_id not in theirs
            otherwise += object_id in theirs and theirs[object_id] != values
            seen.add(object_id)
    return Difference(len(theirs.keys() - seen), doubled, unknown, otherwise)

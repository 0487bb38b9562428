"""Stripe's lists, one page a call, so that the caller controls the rate and where to resume.

Lists are sorted newest first, have at most 100 objects a page, can be limited by `created`, and
continue after the last object's id (Stripe API reference: "Pagination"). They cannot be filtered
by metadata.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import orjson

from cardpay.gateway import snapshot_parsing
from cardpay.gateway.snapshot_parsing import PARSING_ERRORS, Json

PAGE_SIZE = 100

T = TypeVar("T")


@dataclass(frozen=True)
class ListEndpoint(Generic[T]):
    """One of Stripe's lists, and the parser of its objects."""

    path: str
    parse: Callable[[Json], T]
    expand: tuple[str, ...] = ()


PAYMENT_INTENTS = ListEndpoint("/v1/payment_intents", snapshot_parsing.payment_intent)
PAYMENT_INTENTS_WITH_CHARGE = ListEndpoint(
    "/v1/payment_intents", snapshot_parsing.payment_intent, ("data.latest_charge",)
)
CHARGES = ListEndpoint("/v1/charges", snapshot_parsing.charge)
REFUNDS = ListEndpoint("/v1/refunds", snapshot_parsing.refund)
DISPUTES = ListEndpoint("/v1/disputes", snapshot_parsing.dispute)
BALANCE_TRANSACTIONS = ListEndpoint(
    "/v1/balance_transactions", snapshot_parsing.balance_transaction
)
CHECKOUT_SESSIONS = ListEndpoint("/v1/checkout/sessions", snapshot_parsing.checkout_session)
PAYOUTS = ListEndpoint("/v1/payouts", snapshot_parsing.payout)
EVENTS = ListEndpoint("/v1/events", snapshot_parsing.event)


@dataclass(frozen=True)
class Unreadable:
    """An object that could not be read: its kind as Stripe calls it, its id, and why."""

    kind: str
    object_id: str
    reason: str


@dataclass(frozen=True)
class ListPage(Generic[T]):
    """One page, newest first. The next one starts after `last_id`, None for an empty page."""

    found: Sequence[T]
    last_id: str | None
    has_more: bool
    unreadable: Sequence[Unreadable] = ()


@dataclass(frozen=True)
class ListQuery:
    """Objects created between two times, both included, and listed after the object `after`."""

    from_at: datetime
    to_at: datetime
    after: str | None = None
    types: tuple[str, ...] = ()  # for events only, at most 20 (Stripe API reference)
    payout: str | None = None  # for balance transactions only

    def params(self, expand: tuple[str, ...]) -> dict[str, Any]:
        """The request's parameters. Stripe compares whole seconds."""
        params: dict[str, Any] = {"limit": PAGE_SIZE}
        if self.payout is not None:
            params["payout"] = self.payout
        else:
            params["created"] = {
                "gte": int(self.from_at.timestamp()),
                "lte": int(self.to_at.timestamp()),
            }
        if self.after is not None:
            params["starting_after"] = self.after
        if self.types:
            params["types"] = list(self.types)
        if expand:
            params["expand"] = list(expand)
        return params


def parse_page(endpoint: ListEndpoint[T], body: bytes | str) -> ListPage[T]:
    """The page in a response's JSON. An object that cannot be read does not hide the others."""
    data = orjson.loads(body)
    items = data["data"]
    found: list[T] = []
    unreadable: list[Unreadable] = []
    for item in items:
        try:
            found.append(endpoint.parse(item))
        except PARSING_ERRORS as error:
            reason = snapshot_parsing.why_unreadable(error)
            unreadable.append(Unreadable(str(item.get("object")), str(item["id"]), reason))
    return ListPage(
        found, items[-1]["id"] if items else None, bool(data["has_more"]), tuple(unreadable)
    )

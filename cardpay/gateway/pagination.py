"""Stripe's lists, one page a call, so that the caller decides on pace and on where to resume.

Lists are newest first, at most 100 a page, bounded by `created`, and go on behind the last
object's id (Stripe API reference: "Pagination"). They cannot be filtered by metadata.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from cardpay.gateway import snapshot_parsing
from cardpay.gateway.snapshot_parsing import Json

PAGE = 100
EVENT_TYPES_A_CALL = 20  # Stripe API reference, "List all events": `types`

T = TypeVar("T")


@dataclass(frozen=True)
class Listing(Generic[T]):
    """One of Stripe's lists, and how its objects are read."""

    path: str
    read: Callable[[Json], T]
    expand: tuple[str, ...] = ()


PAYMENT_INTENTS = Listing("/v1/payment_intents", snapshot_parsing.payment_intent)
PAYMENT_INTENTS_WITH_CHARGE = Listing(
    "/v1/payment_intents", snapshot_parsing.payment_intent, ("data.latest_charge",)
)
CHARGES = Listing("/v1/charges", snapshot_parsing.charge)
REFUNDS = Listing("/v1/refunds", snapshot_parsing.refund)
DISPUTES = Listing("/v1/disputes", snapshot_parsing.dispute)
BALANCE_TRANSACTIONS = Listing("/v1/balance_transactions", snapshot_parsing.balance_transaction)
EVENTS = Listing("/v1/events", snapshot_parsing.event)


@dataclass(frozen=True)
class ListPage(Generic[T]):
    """One page, newest first. `last_id` is where the next one begins; None for an empty one."""

    found: Sequence[T]
    last_id: str | None
    has_more: bool


@dataclass(frozen=True)
class Stretch:
    """What was created between two times, both included, behind the object `after`."""

    from_at: datetime
    to_at: datetime
    after: str | None = None
    types: tuple[str, ...] = ()  # of events

    def params(self, expand: tuple[str, ...]) -> dict[str, Any]:
        """As the request has it. Stripe counts whole seconds."""
        asked: dict[str, Any] = {
            "limit": PAGE,
            "created": {
                "gte": int(self.from_at.timestamp()),
                "lte": int(self.to_at.timestamp()),
            },
        }
        if self.after is not None:
            asked["starting_after"] = self.after
        if self.types:
            asked["types"] = list(self.types)
        if expand:
            asked["expand"] = list(expand)
        return asked


def page(listing: Listing[T], body: bytes | str) -> ListPage[T]:
    """A page from its bytes."""
    data = json.loads(body)
    found = data["data"]
    return ListPage(
        [listing.read(item) for item in found],
        found[-1]["id"] if found else None,
        bool(data["has_more"]),
    )

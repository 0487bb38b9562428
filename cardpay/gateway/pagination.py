"""Stripe's lists, one page a call, so that the caller controls the rate and where to resume.

Lists are sorted newest first, have at most 100 objects a page, can be limited by `created`, and
continue after the last object's id (Stripe API reference: "Pagination"). They cannot be filtered
by metadata.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from cardpay.gateway import snapshot_parsing
from cardpay.gateway.snapshot_parsing import Json

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
EVENTS = ListEndpoint("/v1/events", snapshot_parsing.event)


@dataclass(frozen=True)
class ListPage(Generic[T]):
    """One page, newest first. The next one starts after `last_id`, None for an empty page."""

    found: Sequence[T]
    last_id: str | None
    has_more: bool


@dataclass(frozen=True)
class ListQuery:
    """Objects created between two times, both included, and listed after the object `after`."""

    from_at: datetime
    to_at: datetime
    after: str | None = None
    types: tuple[str, ...] = ()  # for events only, at most 20 (Stripe API reference)

    def params(self, expand: tuple[str, ...]) -> dict[str, Any]:
        """The request's parameters. Stripe compares whole seconds."""
        params: dict[str, Any] = {
            "limit": PAGE_SIZE,
            "created": {
                "gte": int(self.from_at.timestamp()),
                "lte": int(self.to_at.timestamp()),
            },
        }
        if self.after is not None:
            params["starting_after"] = self.after
        if self.types:
            params["types"] = list(self.types)
        if expand:
            params["expand"] = list(expand)
        return params


def parse_page(endpoint: ListEndpoint[T], body: bytes | str) -> ListPage[T]:
    """The page in a response's JSON. Raises what the endpoint's parser raises."""
    data = json.loads(body)
    found = data["data"]
    return ListPage(
        [endpoint.parse(item) for item in found],
        found[-1]["id"] if found else None,
        bool(data["has_more"]),
    )

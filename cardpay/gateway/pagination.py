"""Stripe's lists, one page a call, so that the caller controls the rate and where to resume.

Lists are sorted newest first, have at most 100 objects a page, can be limited by `created`, and
continue after the last object's id (Stripe API reference: "Pagination"). They cannot be filtered
by metadata.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

import orjson
import stripe

from cardpay.gateway import snapshot_parsing
from cardpay.gateway.errors import ObjectUnreadable, StripeUnavailable
from cardpay.gateway.snapshot_parsing import PARSING_ERRORS, Json, why_unreadable
from cardpay.gateway.stripe_ids import is_stripe_code, is_stripe_id

PAGE_SIZE = 100
_UNKNOWN = "unknown"

T = TypeVar("T")
S = TypeVar("S", bound=stripe.StripeObject)


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
    """An object that could not be read: its kind as Stripe calls it, its id, and why.

    "unknown" stands for a kind or an id of another form, of which nothing is kept.
    """

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
    """Objects created between two times, both included, and listed after the object `after`.

    `passed` are the objects after which pages of the same list were asked for before.
    """

    from_at: datetime
    to_at: datetime
    after: str | None = None
    types: tuple[str, ...] = ()  # for events only, at most 20 (Stripe API reference)
    payout: str | None = None  # for balance transactions only
    passed: set[str | None] = field(default_factory=set, compare=False)

    def following(self, page: "ListPage[Any]") -> "ListQuery":
        """The query for the next page."""
        self.passed.add(self.after)
        return replace(self, after=page.last_id)

    def may_follow(self, last_id: str | None) -> bool:
        """Whether the list goes on after this object, and does not come back."""
        return last_id not in (None, self.after) and last_id not in self.passed

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


def parse_page(endpoint: ListEndpoint[T], body: bytes | str, query: ListQuery) -> ListPage[T]:
    """The page in a response's JSON. An object that cannot be read does not hide the others.

    Raises StripeUnavailable if it is not JSON, and ObjectUnreadable if it is not a page, or one
    after which the list of the `query` cannot be continued, or would never end.
    """
    data = _json(body)
    try:
        items, has_more = list(data["data"]), data["has_more"] is True
    except PARSING_ERRORS as error:
        raise ObjectUnreadable(why_unreadable(error)) from error
    ids = [one.get("id") if isinstance(one, Mapping) else None for one in items]
    # Objects at the end without an id are asked for again with the next page.
    last_id = next(filter(is_stripe_id, reversed(ids)), None)
    if has_more and not query.may_follow(last_id):
        raise ObjectUnreadable("It says that more follows, but names nothing new to go on after.")
    found: list[T] = []
    unreadable: list[Unreadable] = []
    for item in items:
        try:
            found.append(endpoint.parse(item))
        except PARSING_ERRORS as error:
            unreadable.append(_unreadable(item, error))
    return ListPage(found, last_id, has_more, tuple(unreadable))


def all_of(page: stripe.ListObject[S]) -> Iterator[S]:
    """The objects of a list from its first page on; pages are asked for as one goes on.

    Raises ObjectUnreadable at one that was there before: such a list might never end.
    """
    seen: set[str] = set()
    for found in page.auto_paging_iter():
        its_id = getattr(found, "id", None)
        if its_id in seen:
            raise ObjectUnreadable("Its list has an object twice.")
        if its_id is not None:
            seen.add(its_id)
        yield found


def _unreadable(item: Any, error: Exception) -> Unreadable:
    known = item if isinstance(item, Mapping) else {}
    kind, its_id = known.get("object"), known.get("id")
    return Unreadable(
        kind if is_stripe_code(kind) else _UNKNOWN,
        its_id if is_stripe_id(its_id) else _UNKNOWN,
        why_unreadable(error),
    )


def _json(body: bytes | str) -> Any:
    """The JSON of a body. The fast parser refuses halves of surrogate pairs, the slow one doesn't.

    They are taken out of texts, and refused in ids, where each object is read.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise StripeUnavailable("an answer that can't be read") from error

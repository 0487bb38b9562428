"""The state of the sandbox's account, which every endpoint reads and changes."""

import secrets
import string
from dataclasses import dataclass, field
from typing import Any, Literal

from cardpay.sandbox.http.api_errors import ResourceMissing
from cardpay.sandbox.state.clock import Clock
from cardpay.sandbox.state.home_country import IRELAND, HomeCountry
from cardpay.sandbox.state.sqlite_store import Json, Store

API_VERSION = "2026-10-28.endive"
ID_ALPHABET = string.ascii_letters + string.digits


@dataclass(frozen=True)
class Call:
    """One API request with valid parameters."""

    params: dict[str, Any]
    ids: tuple[str, ...] = ()
    publishable: bool = False
    request_id: str | None = None
    idempotency_key: str | None = None
    api_version: str = API_VERSION

    @property
    def object_id(self) -> str:
        """The id in the path."""
        return self.ids[0]


@dataclass
class PayoutSchedule:
    """When the balance is paid out: each business day, or only on request."""

    interval: Literal["daily", "manual"] = "daily"
    delay_days: int = 7  # until the money of a charge is available


@dataclass
class State:
    """The account's objects, clock and settings. Use it inside `store.transaction()` only."""

    store: Store
    clock: Clock
    account_id: str
    moto: bool  # whether telephone orders are enabled for the account
    endpoints: list[str] = field(default_factory=list)  # the URLs that events are sent to
    public_url: str = "http://127.0.0.1:12111"  # where a browser finds the hosted pages
    payouts: PayoutSchedule = field(default_factory=PayoutSchedule)
    home: HomeCountry = IRELAND
    declines_all: bool = False  # every card is declined, whatever its number says
    queue: Literal["due", "due_in_past"] = "due"  # the table of its scheduled changes
    events_from: int = 0  # earlier events are not kept; Stripe lists those of 30 days
    # what a restricted key may do, such as `rak_charge_read`
    permissions: dict[str, frozenset[str]] = field(default_factory=dict)
    call: Call | None = None  # the request that causes the events
    as_of: int | None = None  # the due time of the scheduled change that is being made

    def seconds(self) -> int:
        """The current time in Unix seconds; during a scheduled change, the time it was due."""
        return self.clock.seconds() if self.as_of is None else self.as_of

    def get(self, kind: str, object_id: str, param: str, *, in_url: bool = True) -> Json:
        """The object that a request names. Raises ResourceMissing."""
        found = self.store.find(kind, object_id)
        if found is None:
            noun = "PaymentMethod" if kind == "payment_method" else kind
            raise ResourceMissing(noun, object_id, param, in_url=in_url)
        return found

    def schedule(self, seconds: int, task: str, object_id: str) -> None:
        """Schedule one of `scheduled_changes.TASKS` to run in that many seconds."""
        self.store.run(
            f"INSERT INTO {self.queue} (at, task, object_id) VALUES (?, ?, ?)",
            (self.seconds() + seconds, task, object_id),
        )

    def emit(self, kind: str, resource: Json, previous: Json | None = None) -> None:
        """Create an Event with the object's current state, and queue it for every endpoint.

        `previous` has the changed attributes as they were, where that is not what was stored.
        """
        now = self.seconds()
        if now < self.events_from:
            return
        data: Json = {"object": public(resource)}
        if previous is None and kind.endswith(".updated"):
            previous = _changed(self.store.replaced(resource["id"]), resource)
        if previous is not None:
            data["previous_attributes"] = previous
        event = {
            "id": new_id("evt_3"),
            "object": "event",
            "api_version": API_VERSION,
            "created": now,
            "data": data,
            "livemode": False,
            "pending_webhooks": len(self.endpoints),
            "request": {
                "id": self.call.request_id if self.call else None,
                "idempotency_key": self.call.idempotency_key if self.call else None,
            },
            "type": kind,
        }
        self.store.save(event)
        for url in self.endpoints:
            self.store.run(
                "INSERT INTO delivery (event_id, url, tries, first_at, due_at)"
                " VALUES (?, ?, 0, ?, ?)",
                (event["id"], url, now, now),
            )


def _changed(before: Json, after: Json) -> Json:
    """The attributes that are another now, as they were. Of a hash only what changed in it."""
    changed: Json = {}
    for name, old in public(before).items():
        new = after.get(name)
        if isinstance(old, dict) and isinstance(new, dict):
            changed |= {name: below} if (below := _changed(old, new)) else {}
        elif old != new:
            changed[name] = old
    return changed


def new_id(prefix: str, length: int = 24) -> str:
    """A random id. `length` is that of the part after the prefix."""
    return prefix + "".join(secrets.choice(ID_ALPHABET) for _ in range(length))


def public(resource: Json) -> Json:
    """An object without the sandbox's own fields."""
    return {key: value for key, value in resource.items() if not key.startswith("_")}

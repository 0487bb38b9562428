"""What every endpoint works on: the store, the clock, the account, and the events they make."""

import secrets
import string
from dataclasses import dataclass, field
from typing import Any

from cardpay.sandbox.http.api_errors import ResourceMissing
from cardpay.sandbox.state.clock import Clock
from cardpay.sandbox.state.sqlite_store import Json, Store

API_VERSION = "2026-10-28.endive"
COUNTRY = "IE"  # of the account; it settles in euros, so that other currencies show a rate
ALPHABET = string.ascii_letters + string.digits


@dataclass(frozen=True)
class Call:
    """One API request, read and found valid."""

    params: dict[str, Any]
    ids: tuple[str, ...] = ()
    publishable: bool = False
    request_id: str | None = None
    idempotency_key: str | None = None

    @property
    def object_id(self) -> str:
        """The id in the path."""
        return self.ids[0]


@dataclass
class State:
    """The account's books. All of it is used under the store's lock."""

    store: Store
    clock: Clock
    account_id: str
    moto: bool
    endpoints: list[str] = field(default_factory=list)  # URLs that events go to
    call: Call | None = None  # whose events are being made
    as_of: int | None = None  # the moment of a task that is run late

    def seconds(self) -> int:
        """Now, as Stripe writes times."""
        return self.clock.seconds() if self.as_of is None else self.as_of

    def get(self, kind: str, object_id: str, param: str, *, in_url: bool = True) -> Json:
        """An object that a request names, or Stripe's `resource_missing`."""
        found = self.store.find(kind, object_id)
        if found is None:
            noun = "PaymentMethod" if kind == "payment_method" else kind
            raise ResourceMissing(noun, object_id, param, in_url=in_url)
        return found

    def later(self, seconds: int, task: str, object_id: str) -> None:
        """Have a task of `tasks.TASKS` run when the clock has got there."""
        self.store.run(
            "INSERT INTO due (at, task, object_id) VALUES (?, ?, ?)",
            (self.seconds() + seconds, task, object_id),
        )

    def emit(self, kind: str, thing: Json, previous: Json | None = None) -> None:
        """Make an Event of an object's state now, and queue it for every endpoint."""
        now = self.seconds()
        data: Json = {"object": public(thing)}
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


def new_id(prefix: str, length: int = 24) -> str:
    """An id as random as Stripe's."""
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(length))


def public(thing: Json) -> Json:
    """An object without the sandbox's own notes about it."""
    return {key: value for key, value in thing.items() if not key.startswith("_")}

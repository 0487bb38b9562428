"""A Stripe of which one object has a form that no version knows yet."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from cardpay.gateway.stripe_gateway import StripeGateway
from cardpay.services.desk import Desk
from tests.support.desks.worlds import World


def desk_with_unreadable(world: World, object_id: str) -> Desk:
    """The world's desk; in what Stripe answers, that object has no status."""

    def send(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Any:
        reply = world.sandbox.handle(method, target, headers, body)
        found = json.loads(reply.body)
        for one in _objects_in(found):
            if one.get("id") == object_id:
                del one["status"]
        return replace(reply, body=json.dumps(found).encode())

    gateway = StripeGateway(world.sandbox.secret_key, send=send)
    return replace(world.desk, gateway=gateway)


def _objects_in(reply: Any) -> Iterator[dict[str, Any]]:
    """The reply itself, or what it lists, and what an event tells of."""
    listed = reply.get("data", ())
    for one in (reply, *(listed if isinstance(listed, list) else ())):
        yield one
        if one.get("object") == "event":
            yield one["data"]["object"]

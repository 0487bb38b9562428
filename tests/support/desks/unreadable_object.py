"""A Stripe of which one object has a form that no version knows yet."""

import json
from collections.abc import Mapping
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
        for one in (found, *found.get("data", ())):
            if isinstance(one, dict) and one.get("id") == object_id:
                del one["status"]
        return replace(reply, body=json.dumps(found).encode())

    gateway = StripeGateway(world.sandbox.secret_key, send=send)
    return replace(world.desk, gateway=gateway)

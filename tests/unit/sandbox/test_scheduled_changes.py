"""Changes that Stripe makes by itself as time passes."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

from cardpay.sandbox import Reply, Sandbox
from tests.unit.sandbox.conftest import Ask


def test_scheduled_changes_are_dated_when_they_were_due(
    sandbox: Sandbox, ask: Ask, pay: Callable[[], Reply]
) -> None:
    """The balance transaction of a past payment is dated when it was due, not when it was made."""
    past = datetime(2026, 1, 1, tzinfo=UTC)
    sandbox.clock.set(past)
    pay()
    sandbox.clock.release()

    listed = json.loads(ask("GET", "/v1/balance_transactions?type=charge").body)["data"]

    assert [found["created"] for found in listed] == [int(past.timestamp()) + 3]

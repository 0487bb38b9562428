"""A past on a clock of its own, beside the account's present."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from cardpay.sandbox import Reply, Sandbox
from cardpay.sandbox.past import Past
from cardpay.sandbox.state.home_country import UNITED_KINGDOM
from tests.unit.sandbox.conftest import Ask

LONG_AGO = datetime(2026, 1, 5, 10, tzinfo=UTC)


def _pay_in(past: Past, sandbox: Sandbox) -> dict[str, object]:
    fields = {
        "amount": 1000, "currency": "gbp", "confirm": "true", "payment_method": "pm_card_visa",
        "allowed_payment_method_types[0]": "card",
    }  # fmt: skip
    headers = {"Authorization": f"Bearer {sandbox.secret_key}"}
    body = urlencode(fields).encode()
    made: dict[str, object] = json.loads(
        past.handle("POST", "/v1/payment_intents", headers, body).body
    )
    return made


def test_the_past_has_a_clock_of_its_own(
    sandbox: Sandbox, ask: Ask, pay: Callable[[], Reply]
) -> None:
    """What happens in it is dated then, is listed with the rest, and is sent to nobody."""
    sent: list[bytes] = []

    def deliver(_url: str, _headers: Mapping[str, str], body: bytes) -> int:
        sent.append(body)
        return 200

    sandbox.webhooks.add_endpoint("https://x", "whsec_1", deliver)
    past = sandbox.past()
    past.move_to(LONG_AGO)
    old = _pay_in(past, sandbox)
    now = json.loads(pay().body)
    past.move_to(LONG_AGO + timedelta(hours=1))

    listed = json.loads(ask("GET", "/v1/payment_intents").body)["data"]
    assert [one["id"] for one in listed] == [now["id"], old["id"]]
    assert old["created"] == int(LONG_AGO.timestamp())
    charges = json.loads(ask("GET", "/v1/charges").body)["data"]
    assert charges[1]["balance_transaction"] is not None
    events = json.loads(ask("GET", "/v1/events?limit=100").body)["data"]
    assert {event["data"]["object"]["id"] for event in events} >= {now["id"]}
    assert old["id"] not in {event["data"]["object"]["id"] for event in events}
    sandbox.webhooks.drain()
    assert sent
    assert not any(str(old["id"]).encode() in body for body in sent)


def test_what_is_still_scheduled_is_handed_over(sandbox: Sandbox, ask: Ask) -> None:
    """The account's own clock makes it, once the past has ended and not before."""
    past = sandbox.past()
    past.move_to(LONG_AGO)
    _pay_in(past, sandbox)
    sandbox.run_due()
    assert json.loads(ask("GET", "/v1/charges").body)["data"][0]["balance_transaction"] is None
    past.end()
    sandbox.run_due()
    assert json.loads(ask("GET", "/v1/charges").body)["data"][0]["balance_transaction"]


def test_the_past_says_what_has_changed(sandbox: Sandbox) -> None:
    """Each object once, as it is now, with the time of its last change."""
    past = sandbox.past()
    past.move_to(LONG_AGO)
    intent = _pay_in(past, sandbox)
    past.move_to(LONG_AGO + timedelta(minutes=1))
    changed = {one["id"]: at for one, at in past.take_changed()}
    assert changed[str(intent["id"])] == LONG_AGO
    assert LONG_AGO + timedelta(seconds=3) in changed.values()
    assert past.take_changed() == []


def test_an_account_at_home_in_britain_settles_in_pounds() -> None:
    """Its fees are Britain's: lower for its own cards."""
    sandbox = Sandbox(home=UNITED_KINGDOM)
    past = sandbox.past()
    past.move_to(LONG_AGO)
    _pay_in(past, sandbox)
    past.move_to(LONG_AGO + timedelta(minutes=1))
    (fee,) = past.created("balance_transaction", LONG_AGO, LONG_AGO + timedelta(minutes=1))
    assert (fee["currency"], fee["amount"], fee["fee"]) == ("gbp", 1000, 32 + 20)
    assert UNITED_KINGDOM.card_fee(1000, "GB") == 15 + 20
    sandbox.close()

"""The check finds what Stripe's types do not allow."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.api import Api
from tests.contract.schema import stripe_schema
from tests.contract.schema.checked_sandbox import CheckedSandbox

Json = dict[str, Any]


@pytest.fixture
def intent(api: Api) -> Json:
    """A paid PaymentIntent with its Charge."""
    paid = api.paid(expand=["latest_charge"])
    return paid.to_dict()


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        pytest.param(dict, [], id="as it is"),
        pytest.param(lambda one: one.update(nonsense=1), ["nonsense"], id="unknown field"),
        pytest.param(lambda one: one.pop("amount"), ["amount"], id="missing field"),
        pytest.param(lambda one: one.update(status="paid"), ["status"], id="unknown status"),
        pytest.param(lambda one: one.update(status=None), ["status"], id="null"),
        pytest.param(lambda one: one.update(review=None), [], id="null where it may be"),
        pytest.param(lambda one: one.update(amount="10"), ["amount"], id="text for a number"),
        pytest.param(lambda one: one.update(amount=1.5), ["amount"], id="part of a cent"),
        pytest.param(
            lambda one: one["latest_charge"].update(paid=1), ["latest_charge.paid"], id="nested"
        ),
        pytest.param(
            lambda one: one["latest_charge"]["payment_method_details"].update(klarna={}),
            ["klarna"],
            id="a payment method that is not served",
        ),
        pytest.param(lambda one: one.update(object="payment"), ["payment"], id="unknown object"),
    ],
)
def test_an_object(intent: Json, change: Callable[[Json], object], wrong: list[str]) -> None:
    """Each violation is found once, and the sentence names its field."""
    changed = copy.deepcopy(intent)

    change(changed)

    found = stripe_schema.of_response(changed)
    assert len(found) == len(wrong)
    assert all(name in one for name, one in zip(wrong, found, strict=True))


@pytest.mark.parametrize(
    ("error", "right"),
    [
        ({"type": "card_error", "message": "No", "code": "card_declined"}, True),
        ({"type": "card_error", "message": "No", "code": "nonsense"}, False),
        ({"type": "nonsense", "message": "No"}, False),
        ({"type": "card_error"}, False),
    ],
)
def test_an_error(error: Json, *, right: bool) -> None:
    """Its type and its code are among Stripe's, and it has a message."""
    assert (stripe_schema.of_error({"error": error}) == []) is right


def test_an_event(intent: Json) -> None:
    """Its object is of the kind that its type says; what it was before may be a part of one."""
    event: Json = {
        "id": "evt_1", "object": "event", "api_version": None, "created": 1, "livemode": False,
        "pending_webhooks": 0, "request": None, "type": "payment_intent.succeeded",
        "data": {"object": intent, "previous_attributes": {"amount": 5}},
    }  # fmt: skip

    assert stripe_schema.of_event(event) == []
    assert stripe_schema.of_event({**event, "type": "charge.succeeded"}) != []
    assert stripe_schema.of_event({**event, "type": "payment_intent.paid"}) != []
    event["data"]["previous_attributes"] = {"nonsense": 5}
    assert stripe_schema.of_event(event) != []


def test_the_check_sees_answers_and_webhooks(
    served: tuple[CheckedSandbox, str], api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A field that Stripe does not have is found in both."""
    sandbox, _ = served
    before = (sandbox.answers_checked, sandbox.webhooks_checked)
    monkeypatch.setattr(stripe_schema, "of_response", lambda *_, **__: ["wrong"])
    monkeypatch.setattr(stripe_schema, "of_event", lambda _: ["wrong"])

    api.intent()

    assert sandbox.take_violations() == [
        "POST /v1/payment_intents 200: wrong",
        "webhook payment_intent.created: wrong",
    ]
    assert (sandbox.answers_checked, sandbox.webhooks_checked) == (before[0] + 1, before[1] + 1)

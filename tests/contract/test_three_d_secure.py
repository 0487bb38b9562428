"""3-D Secure: when it is required, and the three outcomes of the dialog."""

from typing import Any

import pytest
import requests
import stripe

from tests.contract.api import Api

NEEDS_BROWSER = pytest.mark.sandbox_only(reason="the challenge is answered in a browser")


def _asked(api: Api, method: str = "pm_card_threeDSecure2Required") -> stripe.PaymentIntent:
    return api.client.v1.payment_intents.confirm(
        api.intent().id, {"payment_method": method, "use_stripe_sdk": True}
    )


def _answer(
    api: Api, intent: stripe.PaymentIntent, outcome: str, **params: Any
) -> requests.Response:
    return api.browser(
        "POST",
        "/v1/sandbox/three_d_secure",
        **{
            "payment_intent": intent.id,
            "client_secret": intent.client_secret,
            "outcome": outcome,
            **params,
        },
    )


@pytest.mark.parametrize(
    "method", ["pm_card_threeDSecure2Required", "pm_card_authenticationRequired"]
)
def test_confirm_requires_action(api: Api, method: str) -> None:
    """The confirm returns a 200 with the action for Stripe.js and without a Charge."""
    asked = _asked(api, method)

    assert asked.status == "requires_action"
    assert asked.next_action is not None
    assert asked.next_action.type == "use_stripe_sdk"
    assert asked.latest_charge is None


def test_authentication_on_demand(api: Api) -> None:
    """A PaymentIntent can request it for every card that supports it."""
    made = api.intent(payment_method_options={"card": {"request_three_d_secure": "any"}})

    asked = api.client.v1.payment_intents.confirm(made.id, {"payment_method": "pm_card_visa"})

    assert asked.status == "requires_action"


def test_confirm_without_action(api: Api) -> None:
    """With `error_on_requires_action` the confirm is declined instead."""
    made = api.intent()

    with pytest.raises(stripe.CardError) as declined:
        api.client.v1.payment_intents.confirm(
            made.id,
            {
                "payment_method": "pm_card_authenticationRequired",
                "error_on_requires_action": True,
            },
        )

    assert declined.value.code == "authentication_required"


@NEEDS_BROWSER
def test_complete_charges(api: Api) -> None:
    """The Charge shows that the cardholder was authenticated."""
    asked = _asked(api)

    reply = _answer(api, asked, "complete")

    paid = api.client.v1.payment_intents.retrieve(asked.id, {"expand": ["latest_charge"]})
    assert reply.status_code == 200
    assert paid.status == "succeeded"
    assert isinstance(paid.latest_charge, stripe.Charge)
    card = paid.latest_charge.to_dict()["payment_method_details"]["card"]
    assert card["three_d_secure"]["result"] == "authenticated"


@NEEDS_BROWSER
def test_complete_and_declined(api: Api) -> None:
    """Card …1629 is authenticated and then declined."""
    asked = _asked(api, "pm_card_threeDSecureRequiredChargeDeclined")

    reply = _answer(api, asked, "complete")

    found = api.client.v1.payment_intents.retrieve(asked.id)
    assert reply.status_code == 200
    assert found.status == "requires_payment_method"
    assert found.last_payment_error is not None
    assert found.last_payment_error.code == "card_declined"


@NEEDS_BROWSER
@pytest.mark.parametrize("outcome", ["fail", "cancel"])
def test_not_authenticated(api: Api, outcome: str) -> None:
    """Another card is required, with Stripe's code and without a Charge. The card is used up."""
    asked = _asked(api)

    _answer(api, asked, outcome)

    found = api.client.v1.payment_intents.retrieve(asked.id)
    assert (found.status, found.latest_charge) == ("requires_payment_method", None)
    assert found.last_payment_error is not None
    assert found.last_payment_error.code == "payment_intent_authentication_failure"
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        api.client.v1.payment_intents.confirm(
            asked.id, {"payment_method": str(asked.payment_method)}
        )


@pytest.mark.sandbox_only(reason="Stripe does not say what happens meanwhile")
def test_a_card_in_a_challenge_cannot_pay_another(api: Api) -> None:
    """A PaymentMethod can be used with the first PaymentIntent that tries it only."""
    asked = _asked(api)

    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        api.client.v1.payment_intents.confirm(
            api.intent().id, {"payment_method": str(asked.payment_method)}
        )


@NEEDS_BROWSER
def test_an_open_challenge_stays(api: Api) -> None:
    """After the tab is closed the status stays. It can be finished later, or cancelled."""
    asked, dropped = _asked(api), _asked(api)

    api.wait(hours=1)
    _answer(api, asked, "complete")
    cancelled = api.client.v1.payment_intents.cancel(dropped.id)

    assert api.client.v1.payment_intents.retrieve(asked.id).status == "succeeded"
    assert (cancelled.status, cancelled.next_action) == ("canceled", None)


@NEEDS_BROWSER
@pytest.mark.parametrize(
    ("params", "status"),
    [
        pytest.param({"client_secret": "pi_x_secret_y"}, 400, id="wrong secret"),
        pytest.param({"payment_intent": "pi_nothing"}, 404, id="unknown intent"),
    ],
)
def test_the_client_secret_is_required(api: Api, params: dict[str, str], status: int) -> None:
    """The dialog's outcome needs the client_secret."""
    asked = _asked(api)

    assert _answer(api, asked, "complete", **params).status_code == status
    assert api.client.v1.payment_intents.retrieve(asked.id).status == "requires_action"


@NEEDS_BROWSER
def test_a_challenge_ends_once(api: Api) -> None:
    """A second outcome is rejected."""
    asked = _asked(api)
    _answer(api, asked, "complete")

    again = _answer(api, asked, "complete")

    assert again.json()["error"]["code"] == "payment_intent_unexpected_state"
    assert len(api.client.v1.charges.list({"payment_intent": asked.id}).data) == 1

"""Confirming: approvals, declines, single use, telephone orders, and invalid confirms."""

import pytest
import stripe

from tests.contract.api import Api, fields

ALREADY_USED = "may not be used again"


def test_confirm_charges(api: Api) -> None:
    """An approved card creates one Charge, which can be expanded."""
    made = api.intent()

    paid = api.client.v1.payment_intents.confirm(
        made.id,
        {"payment_method": "pm_card_visa", "use_stripe_sdk": True, "expand": ["latest_charge"]},
    )

    assert (paid.status, paid.amount_received, paid.next_action) == ("succeeded", 1000, None)
    charge = paid.latest_charge
    assert isinstance(charge, stripe.Charge)
    assert (charge.status, charge.paid, charge.captured) == ("succeeded", True, True)
    assert charge.payment_intent == made.id
    assert charge.outcome is not None
    assert charge.outcome.type == "authorized"


@pytest.mark.parametrize(
    ("method", "brand", "last4"),
    [
        ("pm_card_visa", "visa", "4242"),
        ("pm_card_mastercard", "mastercard", "4444"),
        ("pm_card_amex", "amex", "0005"),
    ],
)
def test_cards_that_succeed(api: Api, method: str, brand: str, last4: str) -> None:
    """The Charge has the card's brand and last four digits."""
    paid = api.paid(method, expand=["latest_charge"])

    assert isinstance(paid.latest_charge, stripe.Charge)
    card = paid.latest_charge.to_dict()["payment_method_details"]["card"]
    assert (card["brand"], card["last4"]) == (brand, last4)


@pytest.mark.parametrize(
    ("method", "code", "decline_code"),
    [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        (
            "pm_card_visa_chargeDeclinedInsufficientFunds",
            "card_declined",
            "insufficient_funds",
        ),
        ("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card"),
        ("pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"),
        (
            "pm_card_visa_chargeDeclinedVelocityLimitExceeded",
            "card_declined",
            "card_velocity_exceeded",
        ),
        ("pm_card_chargeDeclinedFraudulent", "card_declined", "fraudulent"),
    ],
)
def test_declines(api: Api, method: str, code: str, decline_code: str) -> None:
    """A 402 whose error has all that the desk needs. Another card can be tried."""
    made = api.intent()

    with pytest.raises(stripe.CardError) as declined:
        api.client.v1.payment_intents.confirm(made.id, {"payment_method": method})

    error = fields(declined.value)
    assert (declined.value.http_status, error["type"]) == (402, "card_error")
    assert (error["code"], error.get("decline_code", code)) == (code, decline_code)
    assert error["payment_method"]["object"] == "payment_method"
    intent = error["payment_intent"]
    assert intent["status"] == "requires_payment_method"
    assert intent["payment_method"] is None
    assert intent["last_payment_error"]["code"] == code
    assert intent["latest_charge"] == error["charge"]
    charge = api.client.v1.charges.retrieve(error["charge"])
    assert (charge.status, charge.paid, charge.failure_code) == ("failed", False, code)


def test_a_second_card_on_the_same_intent(api: Api) -> None:
    """After a decline another card can pay the same PaymentIntent, and the error is removed."""
    made = api.intent()
    with pytest.raises(stripe.CardError):
        api.client.v1.payment_intents.confirm(
            made.id, {"payment_method": "pm_card_chargeDeclined"}
        )

    paid = api.client.v1.payment_intents.confirm(made.id, {"payment_method": "pm_card_visa"})

    assert (paid.status, paid.last_payment_error) == ("succeeded", None)
    charges = api.client.v1.charges.list({"payment_intent": made.id}).data
    assert [charge.status for charge in charges] == ["succeeded", "failed"]


@pytest.mark.parametrize("token", ["tok_visa", "tok_chargeDeclined"])
def test_a_payment_method_is_single_use(api: Api, token: str) -> None:
    """Without a Customer it can be used once, whether it was approved or declined."""
    method = api.client.v1.payment_methods.create({"type": "card", "card": {"token": token}})
    first, second = api.intent(), api.intent()
    if token == "tok_visa":
        api.client.v1.payment_intents.confirm(first.id, {"payment_method": method.id})
    else:
        with pytest.raises(stripe.CardError):
            api.client.v1.payment_intents.confirm(first.id, {"payment_method": method.id})
        second = first

    with pytest.raises(stripe.InvalidRequestError, match=ALREADY_USED):
        api.client.v1.payment_intents.confirm(second.id, {"payment_method": method.id})


def test_confirm_after_success(api: Api) -> None:
    """A paid PaymentIntent cannot be paid again."""
    paid = api.paid()

    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.client.v1.payment_intents.confirm(paid.id, {"payment_method": "pm_card_visa"})

    assert refused.value.code == "payment_intent_unexpected_state"
    assert fields(refused.value)["payment_intent"]["status"] == "succeeded"


def test_confirm_needs_a_payment_method(api: Api) -> None:
    """A confirm without a PaymentMethod is rejected."""
    made = api.intent()

    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.client.v1.payment_intents.confirm(made.id)

    assert refused.value.http_status == 400


def test_confirm_with_an_unknown_payment_method(api: Api) -> None:
    """The error names the parameter."""
    made = api.intent()

    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.client.v1.payment_intents.confirm(made.id, {"payment_method": "pm_nothing"})

    assert (refused.value.code, refused.value.param) == ("resource_missing", "payment_method")


def test_a_bare_create_needs_a_return_url(api: Api) -> None:
    """All payment methods of the account are allowed, and some of them redirect."""
    made = api.client.v1.payment_intents.create({"amount": 1000, "currency": "usd"})

    with pytest.raises(stripe.InvalidRequestError, match="return_url"):
        api.client.v1.payment_intents.confirm(made.id, {"payment_method": "pm_card_visa"})


@pytest.mark.sandbox_only(reason="telephone orders are enabled for few accounts")
def test_telephone_orders_need_no_authentication(api: Api) -> None:
    """MOTO is exempt from Strong Customer Authentication, and the Charge is marked as MOTO."""
    made = api.intent()

    paid = api.client.v1.payment_intents.confirm(
        made.id,
        {
            "payment_method": "pm_card_authenticationRequired",
            "payment_method_options": {"card": {"moto": True}},
            "expand": ["latest_charge"],
        },
    )

    assert paid.status == "succeeded"
    assert isinstance(paid.latest_charge, stripe.Charge)
    assert paid.latest_charge.to_dict()["payment_method_details"]["card"]["moto"] is True


@pytest.mark.sandbox_only(reason="it depends on the account's settings")
def test_telephone_orders_that_are_not_enabled(api: Api) -> None:
    """The parameter is unknown, and nothing is charged."""
    assert api.sandbox is not None
    api.sandbox.moto = False
    made = api.intent()

    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.client.v1.payment_intents.confirm(
            made.id,
            {
                "payment_method": "pm_card_visa",
                "payment_method_options": {"card": {"moto": True}},
            },
        )

    error = refused.value
    assert (error.http_status, error.code) == (400, "parameter_unknown")
    assert error.param == "payment_method_options[card][moto]"
    found = api.client.v1.payment_intents.retrieve(made.id)
    assert (found.status, found.latest_charge) == ("requires_payment_method", None)

"""SetupIntents: a card saved without a payment."""

from typing import Any

import pytest
import stripe

from tests.contract.api import Api, fields


def _setup(api: Api, **params: Any) -> stripe.SetupIntent:
    wanted: Any = {"allowed_payment_method_types": ["card"], **params}
    return api.client.v1.setup_intents.create(wanted)


def test_it_saves_a_card(api: Api) -> None:
    """The card is attached to the Customer and can be charged while its holder is absent."""
    v1 = api.client.v1
    customer = v1.customers.create({})
    made = _setup(api, customer=customer.id)

    done = v1.setup_intents.confirm(made.id, {"payment_method": "pm_card_visa"})

    (saved,) = v1.customers.payment_methods.list(customer.id).data
    assert (made.status, made.usage) == ("requires_payment_method", "off_session")
    assert (done.status, done.payment_method) == ("succeeded", saved.id)
    assert api.paid(saved.id, customer=customer.id, off_session=True).status == "succeeded"
    assert [one.id for one in v1.setup_intents.list({"customer": customer.id}).data] == [made.id]
    with pytest.raises(stripe.InvalidRequestError):
        v1.setup_intents.confirm(made.id)


def test_declined(api: Api) -> None:
    """The bank's answer is in the error and in the intent, which can be tried again."""
    with pytest.raises(stripe.CardError) as declined:
        _setup(api, confirm=True, payment_method="pm_card_visa_chargeDeclinedLostCard")

    failed = fields(declined.value)["setup_intent"]
    again = api.client.v1.setup_intents.confirm(failed["id"], {"payment_method": "pm_card_visa"})
    assert declined.value.code == "card_declined"
    assert failed["status"] == "requires_payment_method"
    assert failed["last_setup_error"]["decline_code"] == "lost_card"
    assert (again.status, again.last_setup_error) == ("succeeded", None)


def test_by_telephone(api: Api) -> None:
    """`moto` comes with the confirm, and asks for no 3-D Secure."""
    moto: Any = {"card": {"moto": True}}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        _setup(api, payment_method_options=moto)
    needs = _setup(api, confirm=True, payment_method="pm_card_authenticationRequired")
    phoned = _setup(
        api, confirm=True, payment_method="pm_card_authenticationRequired",
        payment_method_options=moto,
    )  # fmt: skip

    assert refused.value.code == "parameter_unknown"
    assert needs.status == "requires_action"
    assert phoned.status == "succeeded"


def test_cancelling_and_updating(api: Api) -> None:
    """Both are possible until it succeeds."""
    v1 = api.client.v1
    made = _setup(api)

    changed = v1.setup_intents.update(made.id, {"metadata": {"a": "b"}, "description": "gym"})
    ended = v1.setup_intents.cancel(made.id, {"cancellation_reason": "abandoned"})

    assert (changed.to_dict()["metadata"], changed.description) == ({"a": "b"}, "gym")
    assert (ended.status, ended.cancellation_reason) == ("canceled", "abandoned")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        v1.setup_intents.update(made.id, {"description": "no"})
    assert refused.value.code == "setup_intent_unexpected_state"

"""Saved cards: a PaymentMethod of a Customer can be used with that Customer only."""

from typing import Any

import pytest
import stripe

from tests.contract.api import Api, fields

FIELDS = """
    address balance created currency default_source delinquent description discount email id
    invoice_prefix invoice_settings livemode metadata name next_invoice_sequence object phone
    preferred_locales shipping tax_exempt test_clock
"""


def saved_card(api: Api, token: str = "tok_visa") -> tuple[str, str]:
    """A Customer with a PaymentMethod."""
    v1 = api.client.v1
    customer = v1.customers.create({"description": "For a contract test"})
    method = v1.payment_methods.create({"type": "card", "card": {"token": token}})
    attached = v1.payment_methods.attach(method.id, {"customer": customer.id})
    assert attached.customer == customer.id
    return customer.id, method.id


def test_a_customer_has_stripes_fields(api: Api) -> None:
    """None is missing, and none of the sandbox's own fields is among them."""
    customer, _ = saved_card(api)
    shown = api.client.v1.customers.retrieve(customer).to_dict()
    assert set(FIELDS.split()) - set(shown) == set()
    assert not any(name.startswith("_") for name in shown)


def test_a_saved_card_is_charged_again_and_again_with_its_customer(api: Api) -> None:
    """A PaymentMethod of a Customer is not limited to a single use."""
    customer, method = saved_card(api)
    for _ in range(2):
        paid = api.paid(method, customer=customer)
        assert (paid.status, paid.customer) == ("succeeded", customer)


def test_a_saved_card_is_not_charged_without_its_customer(api: Api) -> None:
    """The PaymentIntent is unchanged, and another card can pay it."""
    customer, method = saved_card(api)
    made = api.intent()

    with pytest.raises(stripe.InvalidRequestError, match=f"belongs to the Customer {customer}"):
        api.client.v1.payment_intents.confirm(made.id, {"payment_method": method})

    found = api.client.v1.payment_intents.retrieve(made.id)
    assert (found.status, found.latest_charge) == ("requires_payment_method", None)
    paid = api.client.v1.payment_intents.confirm(made.id, {"payment_method": "pm_card_visa"})
    assert paid.status == "succeeded"


def test_the_refusal_names_what_is_missing(api: Api) -> None:
    """A 400 that contains the current PaymentIntent."""
    _, method = saved_card(api)
    made = api.intent()

    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.client.v1.payment_intents.confirm(made.id, {"payment_method": method})

    assert (refused.value.http_status, refused.value.code) == (400, "parameter_missing")
    assert fields(refused.value)["payment_intent"]["id"] == made.id


def test_another_customers_card_is_refused(api: Api) -> None:
    """A PaymentIntent of one Customer cannot use another Customer's card."""
    _, method = saved_card(api)
    other = api.client.v1.customers.create({})
    made = api.intent(customer=other.id)

    with pytest.raises(stripe.InvalidRequestError, match="does not belong to the Customer"):
        api.client.v1.payment_intents.confirm(made.id, {"payment_method": method})


def test_a_used_card_cannot_be_saved(api: Api) -> None:
    """A PaymentMethod that was used without a Customer cannot be attached to one."""
    v1 = api.client.v1
    customer = v1.customers.create({})
    method = v1.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}})
    api.paid(method.id)

    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        v1.payment_methods.attach(method.id, {"customer": customer.id})


@pytest.mark.sandbox_only(reason="it needs a publishable key")
@pytest.mark.parametrize(
    ("method", "path", "params"),
    [
        pytest.param("POST", "/v1/customers", {}, id="create"),
        pytest.param("POST", "/v1/payment_methods/pm_1/attach", {"customer": "c"}, id="attach"),
    ],
)
def test_a_publishable_key_saves_no_card(api: Api, method: str, path: str, params: Any) -> None:
    """Both need the secret key."""
    assert api.browser(method, path, **params).status_code == 403

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


def test_listing_and_detaching(api: Api) -> None:
    """A Customer's cards are listed in two ways; a detached one can never be used again."""
    v1 = api.client.v1
    customer, method = saved_card(api)

    listed = v1.customers.payment_methods.list(customer, {"type": "card"}).data
    also = v1.payment_methods.list({"customer": customer, "type": "card"}).data
    single = v1.customers.payment_methods.retrieve(customer, method)
    detached = v1.payment_methods.detach(method)

    assert [one.id for one in listed] == [one.id for one in also] == [single.id] == [method]
    assert detached.customer is None
    assert v1.customers.payment_methods.list(customer).data == []
    for refused in (
        lambda: v1.payment_methods.attach(method, {"customer": customer}),
        lambda: v1.payment_methods.detach(method),
        lambda: v1.customers.payment_methods.retrieve(customer, method),
        lambda: api.paid(method),
    ):
        with pytest.raises(stripe.InvalidRequestError):
            refused()


def test_updating(api: Api) -> None:
    """Expiry and billing details can change while it is attached; the number never does."""
    v1 = api.client.v1
    _, method = saved_card(api)

    changed = v1.payment_methods.update(
        method,
        {"card": {"exp_month": 3, "exp_year": 2039}, "allow_redisplay": "limited",
         "billing_details": {"address": {"postal_code": "D01"}}},
    )  # fmt: skip

    assert changed.card is not None
    assert (changed.card.exp_month, changed.card.exp_year) == (3, 2039)
    assert changed.allow_redisplay == "limited"
    assert changed.billing_details.address is not None
    assert changed.billing_details.address.postal_code == "D01"
    loose = v1.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}})
    with pytest.raises(stripe.InvalidRequestError):
        v1.payment_methods.update(loose.id, {"metadata": {"a": "b"}})


@pytest.mark.parametrize(
    ("name", "attaches"),
    [
        ("pm_card_visa_chargeDeclinedStolenCard", False),
        ("pm_card_chargeCustomerFail", True),
        ("pm_card_authenticationRequired", True),
    ],
)
def test_a_bank_may_decline_attaching(api: Api, name: str, attaches: bool) -> None:
    """The published declined cards cannot be saved, but for the one that is made for it."""
    customer = api.client.v1.customers.create({})

    if attaches:
        saved = api.client.v1.payment_methods.attach(name, {"customer": customer.id})
        assert saved.customer == customer.id
    else:
        with pytest.raises(stripe.CardError):
            api.client.v1.payment_methods.attach(name, {"customer": customer.id})


def test_saved_by_a_payment(api: Api) -> None:
    """`setup_future_usage` keeps the card of a successful payment, and of no other."""
    v1 = api.client.v1
    customer = v1.customers.create({})
    keep = {"customer": customer.id, "setup_future_usage": "off_session"}
    with pytest.raises(stripe.CardError):
        api.paid("pm_card_chargeDeclined", **keep)
    assert v1.customers.payment_methods.list(customer.id).data == []

    paid = api.paid(**keep)
    again = api.paid(str(paid.payment_method), customer=customer.id, off_session=True)

    (saved,) = v1.customers.payment_methods.list(customer.id).data
    assert (saved.id, saved.customer) == (paid.payment_method, customer.id)
    assert again.status == "succeeded"


def test_saving_and_absent_at_once(api: Api) -> None:
    """A payment of somebody absent cannot be the one that saves the card."""
    customer = api.client.v1.customers.create({})

    with pytest.raises(stripe.InvalidRequestError):
        api.paid(customer=customer.id, off_session=True, setup_future_usage="off_session")

"""Customers: made, changed, found, and deleted for ever."""

from typing import Any

import pytest
import stripe

from tests.contract.api import Api


def test_everything_about_one(api: Api) -> None:
    """Texts, address and delivery come back, and can be changed or cleared."""
    address = {"line1": "1 High Street", "country": "IE"}
    given: Any = {"name": "Ada", "email": "ada@example.com", "phone": "+353 1"}
    given |= {"address": address, "individual_name": "Ada Byron", "metadata": {"crm": "7"}}
    made = api.client.v1.customers.create(given)

    change: Any = {"name": "", "individual_name": "", "metadata": {"vip": "1"}}
    change |= {"shipping": {"name": "Ada", "address": address}}
    changed = api.client.v1.customers.update(made.id, change).to_dict()

    assert (made.name, made.email, made.to_dict()["address"]["country"]) == (
        "Ada", "ada@example.com", "IE",
    )  # fmt: skip
    assert changed["name"] is None
    assert changed["metadata"] == {"crm": "7", "vip": "1"}
    assert changed["shipping"]["address"]["line1"] == "1 High Street"
    assert "individual_name" not in changed


def test_made_with_a_card(api: Api) -> None:
    """The card is attached at once, and can be the default."""
    v1 = api.client.v1
    made = v1.customers.create({"payment_method": "pm_card_visa"})
    (method,) = v1.customers.payment_methods.list(made.id).data

    changed = v1.customers.update(
        made.id, {"invoice_settings": {"default_payment_method": method.id}}
    )

    assert changed.invoice_settings is not None
    assert changed.invoice_settings.default_payment_method == method.id


def test_listed_by_address(api: Api) -> None:
    """The exact e-mail address, upper and lower case told apart."""
    made = api.client.v1.customers.create({"email": "Ada@example.com"})

    def found(email: str) -> list[str]:
        return [one.id for one in api.client.v1.customers.list({"email": email}).data]

    assert made.id in found("Ada@example.com")
    assert made.id not in found("ada@example.com")


def test_deleted(api: Api) -> None:
    """It says that it is deleted and nothing else; its payments remain, its cards do not."""
    v1 = api.client.v1
    made = v1.customers.create({"payment_method": "pm_card_visa"})
    (method,) = v1.customers.payment_methods.list(made.id).data
    paid = api.paid(method.id, customer=made.id)

    v1.customers.delete(made.id)

    again = v1.customers.retrieve(made.id)
    assert again.to_dict() == {"id": made.id, "object": "customer", "deleted": True}
    assert made.id not in [one.id for one in v1.customers.list().data]
    kept = v1.payment_intents.retrieve(paid.id, {"expand": ["customer"]}).to_dict()
    assert kept["customer"]["deleted"] is True
    assert v1.payment_methods.retrieve(method.id).customer is None
    with pytest.raises(stripe.InvalidRequestError):
        v1.customers.update(made.id, {"name": "Ada"})
    with pytest.raises(stripe.InvalidRequestError):
        api.paid(method.id)


@pytest.mark.parametrize("part", ["sources", "subscriptions", "tax_ids"])
def test_a_part_that_has_to_be_asked_for(api: Api, part: str) -> None:
    """A Customer shows such a list only when it is named in `expand`."""
    v1 = api.client.v1
    made = v1.customers.create({})

    shown: Any = v1.customers.retrieve(made.id, {"expand": [part]})
    (listed,) = v1.customers.list({"limit": 1, "expand": [f"data.{part}"]}).data

    asked = api.client.raw_request("get", f"/v1/customers/{made.id}/{part}")
    assert dict(asked.data) == shown[part].to_dict()
    assert part not in made
    assert shown[part].data == []
    assert shown[part].url == f"/v1/customers/{made.id}/{part}"
    assert listed.to_dict() == shown.to_dict()

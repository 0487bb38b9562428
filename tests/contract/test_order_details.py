"""Line items, references, delivery and receipts of a payment, and what an update may change."""

from typing import Any

import pytest
import stripe

from tests.contract.api import Api

LINES = [
    {"product_name": "Ticket", "quantity": 2, "unit_cost": 400, "discount_amount": 50},
    {"product_name": "Fee", "quantity": 1, "unit_cost": 150, "tax": {"total_tax_amount": 30}},
]
DETAILS: dict[str, Any] = {"line_items": LINES, "shipping": {"amount": 70}}
SHIPPING: Any = {"name": "Ada", "address": {"line1": "1 High Street", "country": "IE"}}


def test_line_items(api: Api) -> None:
    """They add up to the amount, and are shown where `expand` says so, or in a list."""
    made = api.intent(amount=1000, amount_details=DETAILS, expand=["amount_details.line_items"])

    plain = api.client.v1.payment_intents.retrieve(made.id).to_dict()
    listed = api.client.v1.payment_intents.amount_details_line_items.list(made.id).data

    shown = made.to_dict()["amount_details"]["line_items"]["data"]
    assert [line["product_name"] for line in shown] == ["Ticket", "Fee"]
    assert [line.id for line in listed] == [line["id"] for line in shown]
    assert "line_items" not in plain["amount_details"]
    assert plain["amount_details"]["shipping"]["amount"] == 70


@pytest.mark.parametrize(
    ("details", "code"),
    [
        pytest.param(DETAILS, "amount_details_amount_mismatch", id="lines"),
        pytest.param(
            {"tax": {"total_tax_amount": 1002}},
            "amount_details_tax_shipping_discount_greater_than_amount",
            id="more tax than amount",
        ),
    ],
)
def test_wrong_sums(api: Api, details: dict[str, Any], code: str) -> None:
    """They are refused, or only reported if that was asked for."""
    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.intent(amount=1001, amount_details=details)

    lenient = {**details, "enforce_arithmetic_validation": False}
    passed = api.paid(amount=1001, amount_details=lenient).to_dict()

    assert refused.value.code == code
    assert passed["status"] == "succeeded"
    assert passed["amount_details"]["error"]["code"] == code


def test_discount_in_total_and_by_line(api: Api) -> None:
    """It can be one of the two."""
    with pytest.raises(stripe.InvalidRequestError, match="not both"):
        api.intent(amount=900, amount_details={**DETAILS, "discount_amount": 100})


def test_captured_in_part(api: Api) -> None:
    """The details of a capture add up to what is captured."""
    held = api.paid(capture_method="manual")
    lines = [{"product_name": "Ticket", "quantity": 1, "unit_cost": 600}]

    wanted: Any = {
        "amount_to_capture": 600,
        "amount_details": {"line_items": lines},
        "statement_descriptor_suffix": "ORDER 7",
    }
    captured = api.client.v1.payment_intents.capture(held.id, wanted)

    charge = api.client.v1.charges.retrieve(str(held.latest_charge))
    assert captured.status == "succeeded"
    assert str(charge.calculated_statement_descriptor).endswith("* ORDER 7")


def test_references_and_delivery(api: Api) -> None:
    """They are returned, and the delivery is on the charge too."""
    references = {"order_reference": "A-7", "customer_reference": "C-1"}

    paid = api.paid(payment_details=references, shipping=SHIPPING)

    found = paid.to_dict()
    charge = api.client.v1.charges.retrieve(str(paid.latest_charge)).to_dict()
    assert found["payment_details"] == references
    assert found["shipping"]["address"]["country"] == "IE"
    assert charge["shipping"] == found["shipping"]


def test_a_receipt(api: Api) -> None:
    """Every paid charge has a page; a number comes with an address, also a later one."""
    paid = api.paid()
    charge = api.client.v1.charges.retrieve(str(paid.latest_charge))

    api.client.v1.payment_intents.update(paid.id, {"receipt_email": "ada@example.com"})

    after = api.client.v1.charges.retrieve(charge.id)
    assert charge.receipt_url
    assert (charge.receipt_number, charge.receipt_email) == (None, None)
    assert (after.receipt_email, bool(after.receipt_number)) == ("ada@example.com", True)
    again = api.client.v1.charges.update(charge.id, {"receipt_email": "eve@example.com"})
    assert (again.receipt_email, again.receipt_number) == ("eve@example.com", after.receipt_number)
    refund = api.client.v1.refunds.create({"payment_intent": paid.id})
    assert refund.receipt_number


def test_no_receipt_of_a_decline(api: Api) -> None:
    """Nothing was paid, so there is neither page nor number."""
    with pytest.raises(stripe.CardError) as declined:
        api.paid("pm_card_chargeDeclined", receipt_email="ada@example.com")

    assert declined.value.error is not None
    charge = api.client.v1.charges.retrieve(str(declined.value.error.charge))
    assert (charge.receipt_url, charge.receipt_number) == (None, None)


def test_updating_an_unpaid_one(api: Api) -> None:
    """Amount, currency, customer and the rest can change, and the last error is cleared."""
    v1 = api.client.v1
    customer = v1.customers.create({})
    made = api.intent()
    with pytest.raises(stripe.CardError):
        v1.payment_intents.confirm(made.id, {"payment_method": "pm_card_chargeDeclined"})

    wanted: Any = {"amount": 700, "currency": "gbp", "customer": customer.id}
    changed = v1.payment_intents.update(made.id, wanted | {"shipping": SHIPPING})

    assert (changed.amount, changed.currency, changed.customer) == (700, "gbp", customer.id)
    assert changed.last_payment_error is None


def test_updating_gives_up_an_authentication(api: Api) -> None:
    """A challenge that has begun is for another payment then."""
    begun = api.paid("pm_card_authenticationRequired")

    changed = api.client.v1.payment_intents.update(begun.id, {"description": "two tickets"})

    assert (changed.status, changed.next_action) == ("requires_payment_method", None)


@pytest.mark.parametrize("change", [{"amount": 5}, {"customer": "cus_1"},
                                    {"amount_details": {"discount_amount": 5}}])  # fmt: skip
def test_updating_a_paid_one(api: Api, change: Any) -> None:
    """What was paid for whom stays."""
    paid = api.paid()

    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.client.v1.payment_intents.update(paid.id, change)

    assert refused.value.code == "payment_intent_unexpected_state"

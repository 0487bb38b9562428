"""Invoice payments: which PaymentIntent belongs to an invoice, and can't be cancelled alone."""

import pytest
import stripe

from tests.contract.api import Api, fields

pytestmark = pytest.mark.sandbox_only(reason="it makes no invoices")


def test_the_payments_of_invoices_are_listed_by_payment_intent(api: Api) -> None:
    """Each can be retrieved, with its PaymentIntent; another PaymentIntent belongs to none."""
    assert api.sandbox is not None
    intent, other = api.intent(), api.intent()
    made = api.sandbox.outside.bill(intent.id)
    payments = api.client.v1.invoice_payments

    def of(one: stripe.PaymentIntent) -> list[str]:
        asked = payments.list({"payment": {"type": "payment_intent", "payment_intent": one.id}})
        return [found.id for found in asked.data]

    assert (of(intent), of(other)) == ([made["id"]], [])
    expand = ["payment.payment_intent"]
    shown = payments.retrieve(str(made["id"]), {"expand": expand})
    assert shown.is_default
    assert isinstance(shown.payment.payment_intent, stripe.PaymentIntent)
    assert [one.id for one in payments.list({"invoice": str(shown.invoice)}).data] == [shown.id]
    assert payments.list({"status": "paid"}).data == []


def test_only_the_invoice_cancels_it(api: Api) -> None:
    """The refusal names it."""
    assert api.sandbox is not None
    intent = api.intent()
    made = api.sandbox.outside.bill(intent.id)
    with pytest.raises(stripe.InvalidRequestError, match=str(made["invoice"])) as refused:
        api.client.v1.payment_intents.cancel(intent.id)
    assert fields(refused.value)["code"] == "payment_intent_unexpected_state"

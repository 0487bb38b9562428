"""Charges and their balance transactions."""

import pytest
import stripe

from tests.contract.api import Api


def _charge_id(intent: stripe.PaymentIntent) -> str:
    assert isinstance(intent.latest_charge, str)
    return intent.latest_charge


def test_list_by_payment_intent(api: Api) -> None:
    """The list contains earlier declined attempts, which a PaymentIntent does not."""
    made, other = api.intent(), api.paid()
    for method in ("pm_card_chargeDeclined", "pm_card_visa"):
        try:
            api.client.v1.payment_intents.confirm(made.id, {"payment_method": method})
        except stripe.CardError:
            continue

    charges = api.client.v1.charges.list({"payment_intent": made.id}).data

    assert [charge.paid for charge in charges] == [True, False]
    assert other.latest_charge not in {charge.id for charge in charges}


def test_unknown_charge(api: Api) -> None:
    """A 404 with Stripe's error object."""
    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.client.v1.charges.retrieve("ch_nothing")

    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")


@pytest.mark.sandbox_only(reason="it advances the clock")
def test_the_balance_transaction_is_created_later(api: Api) -> None:
    """It is null after the confirm, and set a few seconds later, with `charge.updated`."""
    charge_id = _charge_id(api.paid())
    before = api.client.v1.charges.retrieve(charge_id)

    api.wait(seconds=5)

    after = api.client.v1.charges.retrieve(charge_id, {"expand": ["balance_transaction"]})
    assert before.balance_transaction is None
    assert isinstance(after.balance_transaction, stripe.BalanceTransaction)
    updated = api.client.v1.events.list({"type": "charge.updated"}).data[0].to_dict()
    assert updated["data"]["object"]["balance_transaction"] == after.balance_transaction.id
    assert updated["data"]["previous_attributes"] == {"balance_transaction": None}


@pytest.mark.sandbox_only(reason="it advances the clock")
@pytest.mark.parametrize(
    ("amount", "currency", "rated"),
    [(10_000, "eur", False), (10_000, "usd", True), (10_000, "jpy", True), (10_000, "kwd", True)],
)
def test_the_balance_transaction_adds_up(
    api: Api, amount: int, currency: str, rated: bool
) -> None:
    """Net is the amount minus the fee. A currency other than the account's has a rate."""
    charge_id = _charge_id(api.paid(amount=amount, currency=currency))
    api.wait(seconds=5)

    found = api.client.v1.balance_transactions.list({"source": charge_id}).data[0]
    same = api.client.v1.balance_transactions.retrieve(found.id, {"expand": ["source"]})

    assert found.currency == "eur"
    assert found.net == found.amount - found.fee
    assert found.fee > 0
    assert (found.exchange_rate is not None) is rated
    assert isinstance(same.source, stripe.Charge)
    assert same.source.id == charge_id


@pytest.mark.sandbox_only(reason="it takes a week")
def test_funds_become_available(api: Api) -> None:
    """They are pending for a week and then available."""
    charge_id = _charge_id(api.paid())
    api.wait(seconds=5)
    transactions = api.client.v1.balance_transactions
    pending = transactions.list({"source": charge_id}).data[0]

    api.wait(days=7)

    assert pending.status == "pending"
    assert transactions.retrieve(pending.id).status == "available"


@pytest.mark.sandbox_only(reason="prices differ between accounts")
@pytest.mark.parametrize(("method", "fee"), [("pm_card_de", 150 + 25), ("pm_card_visa", 320 + 25)])
def test_fees(api: Api, method: str, fee: int) -> None:
    """A percentage and a fixed part, in euro cents. A card from outside Europe costs more."""
    charge_id = _charge_id(api.paid(method, amount=10_000, currency="eur"))
    api.wait(seconds=5)

    found = api.client.v1.balance_transactions.list({"source": charge_id}).data[0]

    assert (found.fee, found.fee_details[0].amount) == (fee, fee)

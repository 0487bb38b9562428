"""The balance, and the kinds of transactions that change it."""

import pytest
import requests
import stripe

from cardpay.sandbox.api.balance.balance_transactions import TYPES
from tests.contract.api import Api
from tests.support.processes.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.sandbox_only(reason="it advances the clock and changes the balance")


def _amounts(api: Api) -> tuple[int, int]:
    """The available and the pending balance, in cents."""
    found = api.client.v1.balance.retrieve()
    return found.available[0].amount, found.pending[0].amount


def test_pending_then_available(api: Api) -> None:
    """The net of a charge is pending for as many days as are set, and available at midnight."""
    assert api.sandbox is not None
    api.sandbox.outside.schedule_payouts(interval="manual", delay_days=2)
    paid = api.paid(currency="eur")
    api.wait(seconds=5)
    made = api.client.v1.balance_transactions.list({"source": str(paid.latest_charge)}).data[0]

    before = _amounts(api)
    api.wait(days=2)

    assert (before, _amounts(api)) == ((0, made.net), (made.net, 0))
    assert made.available_on % 86_400 == 0
    assert 86_400 < made.available_on - made.created <= 2 * 86_400


def test_captured_in_part(api: Api) -> None:
    """The whole authorised amount comes in, and the rest goes out, which is no Refund."""
    held = api.paid(capture_method="manual", currency="eur")
    api.client.v1.payment_intents.capture(held.id, {"amount_to_capture": 400})
    api.wait(seconds=5)

    rest, taken = api.client.v1.balance_transactions.list({"source": str(held.latest_charge)}).data

    assert (taken.type, taken.amount) == ("charge", 1000)
    assert (rest.type, rest.reporting_category, rest.amount, rest.fee) == (
        "refund", "partial_capture_reversal", -600, 0,
    )  # fmt: skip
    charge = api.client.v1.charges.retrieve(str(held.latest_charge))
    assert charge.balance_transaction == taken.id
    assert (charge.amount_captured, charge.amount_refunded) == (400, 600)
    assert api.client.v1.refunds.list().data == []


def test_a_disputes_transactions(api: Api) -> None:
    """Both are adjustments, and their categories tell them apart."""
    paid = api.paid("pm_card_createDispute", currency="eur")
    api.wait(seconds=10)
    dispute = api.client.v1.disputes.list({"payment_intent": paid.id}).data[0]
    api.client.v1.disputes.update(
        dispute.id, {"evidence": {"uncategorized_text": "winning_evidence"}}
    )

    back, out = api.client.v1.balance_transactions.list({"source": dispute.id}).data

    assert {out.type, back.type} == {"adjustment"}
    assert (out.reporting_category, out.net) == ("dispute", -3000)
    assert (back.reporting_category, back.net) == ("dispute_reversal", 3000)


@pytest.mark.parametrize("kind", TYPES)
def test_every_type(api: Api, kind: str) -> None:
    """A test can make a transaction of any type that the API knows."""
    made = requests.post(
        f"{api.base}/_control/balance",
        json={"type": kind, "amount": -700, "fee": 20},
        timeout=PATIENCE_SECONDS,
    ).json()

    found = api.client.v1.balance_transactions.list({"type": kind}).data[0]

    assert (found.id, found.net, found.source) == (made["id"], -720, None)
    assert found.status == "available"


@pytest.mark.parametrize(
    ("kind", "category"),
    [
        ("adjustment", "other_adjustment"),
        ("payment", "charge"),
        ("payment_refund", "refund"),
        ("refund_failure", "refund_failure"),
        ("reserve_hold", "risk_reserved_funds"),
        ("stripe_fee", "fee"),
        ("transfer", "transfer"),
    ],
)
def test_categories(api: Api, kind: str, category: str) -> None:
    """The reporting category groups the types."""
    assert api.sandbox is not None
    made = api.sandbox.outside.change_balance(kind, 100)

    assert made["reporting_category"] == category


def test_another_balance_is_kept_apart(api: Api) -> None:
    """What is in reserve is neither available nor paid out."""
    assert api.sandbox is not None
    api.sandbox.outside.change_balance("reserve_hold", 900, balance_type="risk_reserved")
    api.sandbox.outside.change_balance("topup", 50, available_in_days=1)
    assert _amounts(api) == (0, 50)

    api.wait(days=7)

    assert [payout.amount for payout in api.client.v1.payouts.list().data] == [50]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        pytest.param("balance", {"type": "frobnicate", "amount": 1}, id="no such type"),
        pytest.param("payout_schedule", {"interval": "hourly"}, id="no such interval"),
        pytest.param("payout_failure", {"payout": "po_none"}, id="no such payout"),
    ],
)
def test_nonsense(api: Api, name: str, body: dict[str, str]) -> None:
    """The control API refuses it."""
    reply = requests.post(f"{api.base}/_control/{name}", json=body, timeout=PATIENCE_SECONDS)

    assert reply.status_code == 400


def test_a_failed_refund(api: Api) -> None:
    """Its money comes back by a transaction of its own."""
    paid = api.paid("pm_card_refundFail", currency="eur")
    refund = api.client.v1.refunds.create({"payment_intent": paid.id})
    api.wait(seconds=15)

    failed = api.client.v1.refunds.retrieve(refund.id, {"expand": ["failure_balance_transaction"]})

    back = failed.failure_balance_transaction
    assert isinstance(back, stripe.BalanceTransaction)
    assert (back.type, back.net, back.source) == ("refund_failure", 1000, refund.id)

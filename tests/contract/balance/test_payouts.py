"""Payouts: automatic ones with what they paid out, failures, and manual ones."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe

from cardpay.sandbox import Sandbox
from tests.contract.api import Api

pytestmark = pytest.mark.sandbox_only(reason="it sets the clock and lets a bank fail")

FRIDAY = datetime(2026, 11, 27, 15, tzinfo=UTC)
MONDAY = datetime(2026, 11, 30, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)
FIELDS = """
    id object amount application_fee application_fee_amount arrival_date automatic
    balance_transaction created currency description destination failure_balance_transaction
    failure_code failure_message livemode metadata method original_payout payout_method
    reconciliation_status reversed_by source_type statement_descriptor status trace_id type
"""


def _sandbox(api: Api) -> Sandbox:
    assert api.sandbox is not None
    return api.sandbox


def _at(api: Api, moment: datetime) -> None:
    _sandbox(api).clock.set(moment)
    _sandbox(api).run_due()


def _paid_on_friday(api: Api) -> stripe.PaymentIntent:
    """Ten euros whose money is available within seconds."""
    _at(api, FRIDAY)
    paid = api.paid("pm_card_bypassPending", currency="eur")
    _at(api, FRIDAY + timedelta(minutes=1))
    return paid


def _payouts(api: Api, **params: Any) -> list[stripe.Payout]:
    wanted: Any = params
    return api.client.v1.payouts.list(wanted).data


def _within(api: Api, payout: stripe.Payout, **params: Any) -> list[stripe.BalanceTransaction]:
    wanted: Any = {"payout": payout.id, "limit": 100, **params}
    return api.client.v1.balance_transactions.list(wanted).data


def _types(api: Api) -> list[str]:
    """The types of the payouts' events, oldest first."""
    listed = api.client.v1.events.list({"limit": 100}).data
    return [event.type for event in reversed(listed) if event.type.startswith("payout.")]


def test_on_business_days_only(api: Api) -> None:
    """What is available on a Friday afternoon is paid out on Monday, and arrives on Tuesday."""
    _paid_on_friday(api)

    _at(api, MONDAY - timedelta(seconds=1))
    assert _payouts(api) == []
    _at(api, MONDAY)

    (payout,) = _payouts(api)
    assert payout.created == MONDAY.timestamp()
    assert payout.arrival_date == TUESDAY.timestamp()
    assert set(payout.to_dict()) == set(FIELDS.split())


def test_what_it_paid_out(api: Api) -> None:
    """Once reconciled, its list adds up to nothing, with the payout's own transaction."""
    paid = _paid_on_friday(api)
    refund = api.client.v1.refunds.create({"payment_intent": paid.id, "amount": 300})
    _at(api, MONDAY)
    (payout,) = _payouts(api)
    early = _within(api, payout)

    _at(api, MONDAY + timedelta(hours=2))
    found = _within(api, payout)

    assert [one.type for one in early] == ["payout"]
    assert {one.type: one.source for one in found} == {
        "charge": paid.latest_charge,
        "refund": refund.id,
        "payout": payout.id,
    }
    assert sum(one.net for one in found) == 0
    assert payout.amount == sum(one.net for one in found if one.type != "payout") > 0
    assert [one.id for one in _within(api, payout, type="refund")] == [refund.balance_transaction]
    assert api.client.v1.payouts.retrieve(payout.id).reconciliation_status == "completed"


def test_its_events(api: Api) -> None:
    """They tell each step, and the last brings the bank's reference."""
    _paid_on_friday(api)

    _at(api, TUESDAY + timedelta(days=2))

    assert _types(api) == [
        "payout.created",
        "payout.updated",
        "payout.reconciliation_completed",
        "payout.paid",
        "payout.updated",
    ]
    (payout,) = _payouts(api, status="paid")
    assert payout.trace_id is not None
    assert payout.trace_id.status == "supported"
    assert payout.trace_id.value


def test_each_day_what_is_new(api: Api) -> None:
    """The second payout has nothing of the first; a balance below zero waits."""
    first = _paid_on_friday(api)
    _at(api, MONDAY + timedelta(hours=3))
    api.client.v1.refunds.create({"payment_intent": first.id})
    _at(api, TUESDAY + timedelta(hours=3))
    assert len(_payouts(api)) == 1
    api.paid("pm_card_bypassPending", amount=5000, currency="eur")

    _at(api, TUESDAY + timedelta(days=1, hours=3))

    later, _ = _payouts(api)
    found = _within(api, later)
    assert [one.type for one in found] == ["payout", "charge", "refund"]
    assert sum(one.net for one in found) == 0


@pytest.mark.parametrize(
    "when",
    [
        pytest.param(MONDAY, id="pending"),
        pytest.param(MONDAY + timedelta(hours=1), id="in_transit"),
        pytest.param(TUESDAY + timedelta(hours=9), id="paid"),
    ],
)
def test_the_bank_refuses(api: Api, when: datetime) -> None:
    """The money returns, even if the payout was `paid`, and the next payout has it."""
    _paid_on_friday(api)
    _at(api, when)
    (payout,) = _payouts(api)
    _sandbox(api).outside.fail_payout(payout.id, "account_closed")

    failed = api.client.v1.payouts.retrieve(payout.id, {"expand": ["failure_balance_transaction"]})
    _at(api, when + timedelta(days=1, hours=3))
    again = _payouts(api)[0]

    back = failed.failure_balance_transaction
    assert (failed.status, failed.failure_code) == ("failed", "account_closed")
    assert failed.failure_message
    assert isinstance(back, stripe.BalanceTransaction)
    assert (back.type, back.reporting_category, back.net) == (
        "payout_failure", "payout_reversal", payout.amount,
    )  # fmt: skip
    assert again.amount == payout.amount
    assert back.id in [one.id for one in _within(api, again)]
    assert "payout.failed" in _types(api)
    with pytest.raises(ValueError, match="already"):
        _sandbox(api).outside.fail_payout(payout.id)


def test_manual(api: Api) -> None:
    """It takes a part of the available balance, and what is in it cannot be listed."""
    _sandbox(api).outside.schedule_payouts(interval="manual")
    _paid_on_friday(api)

    payout = api.client.v1.payouts.create(
        {"amount": 500, "currency": "eur", "metadata": {"month": "11"}}
    )
    _at(api, MONDAY + timedelta(hours=9))

    found = api.client.v1.payouts.retrieve(payout.id)
    assert (payout.automatic, payout.status) == (False, "pending")
    assert found.reconciliation_status == "not_applicable"
    assert found.status == "paid"
    assert str(found.destination).startswith("ba_")
    assert len(_payouts(api)) == 1
    with pytest.raises(stripe.InvalidRequestError) as refused:
        _within(api, payout)
    assert refused.value.param == "payout"


def test_more_than_there_is(api: Api) -> None:
    """Pending money cannot be paid out."""
    api.paid(currency="eur")

    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.client.v1.payouts.create({"amount": 100, "currency": "eur"})

    assert refused.value.code == "balance_insufficient"


def test_to_a_bank_that_is_not_ours(api: Api) -> None:
    """There is one bank account; no other can be named."""
    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.client.v1.payouts.create({"amount": 100, "currency": "eur", "destination": "ba_other"})

    assert refused.value.code == "resource_missing"


def test_cancelling(api: Api) -> None:
    """Possible for a manual payout before the bank has it; the money returns."""
    _sandbox(api).outside.schedule_payouts(interval="manual")
    _paid_on_friday(api)
    v1 = api.client.v1
    before = v1.balance.retrieve().available[0].amount
    first, second = (v1.payouts.create({"amount": 100, "currency": "eur"}) for _ in range(2))

    cancelled = v1.payouts.cancel(first.id, {"expand": ["failure_balance_transaction"]})
    api.wait(hours=1)
    with pytest.raises(stripe.InvalidRequestError):
        v1.payouts.cancel(second.id)

    assert cancelled.status == "canceled"
    back = cancelled.failure_balance_transaction
    assert isinstance(back, stripe.BalanceTransaction)
    assert (back.type, back.net) == ("payout_cancel", 100)
    assert v1.balance.retrieve().available[0].amount == before - 100
    assert _types(api)[-2:] == ["payout.canceled", "payout.updated"]


def test_lists(api: Api) -> None:
    """By status, by day of arrival and by time of creation; metadata can be changed."""
    _paid_on_friday(api)
    _at(api, MONDAY)
    (payout,) = _payouts(api, arrival_date={"gte": int(TUESDAY.timestamp())})

    changed = api.client.v1.payouts.update(payout.id, {"metadata": {"book": "7"}})

    assert changed.to_dict()["metadata"] == {"book": "7"}
    assert _payouts(api, arrival_date={"lt": int(TUESDAY.timestamp())}) == []
    assert _payouts(api, status="paid") == []
    assert _payouts(api, created={"gt": int(MONDAY.timestamp())}) == []
    assert [one.id for one in _payouts(api, status="pending")] == [payout.id]


def test_the_account_tells_its_schedule(api: Api) -> None:
    """What was set is in the account's settings."""
    _sandbox(api).outside.schedule_payouts(interval="manual", delay_days=3)

    settings = api.client.v1.accounts.retrieve_current().to_dict()["settings"]

    assert settings["payouts"]["schedule"] == {"interval": "manual", "delay_days": 3}

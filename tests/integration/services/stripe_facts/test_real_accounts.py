"""What accounts full of other things tell is understood, whichever way it comes in."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import pytest
from sqlmodel import SQLModel, col, select

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Role
from cardpay.domain.errors import OrderReferenceTaken
from cardpay.domain.money import Money
from cardpay.domain.money_format import format_money
from cardpay.domain.payment.refund import refundable_minor
from cardpay.services.taking.create_payment import create_payment
from cardpay.storage.schema.tables import (
    BalanceTransaction,
    Dispute,
    Payment,
    PaymentAttempt,
    Payout,
    Refund,
)
from tests.support.desks import account_stories as stories
from tests.support.desks.told_desks import ToldDesk, Way, told_desk
from tests.support.desks.worlds import draft

pytestmark = pytest.mark.one_database

Test = TypeVar("Test", bound=Callable[..., None])


def by_every_way(test: Test) -> Test:
    """Each story by each way, and before a merge by every second one."""
    marked: Test = pytest.mark.sampled(2)(pytest.mark.parametrize("way", list(Way))(test))
    return marked


def _shown(minor: int, currency: str) -> str:
    return format_money(Money(minor, currency)).replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture
def told(database_url: str) -> Iterator[ToldDesk]:
    """A desk that knows nothing yet."""
    with told_desk(database_url) as made:
        yield made


def _all(told: ToldDesk, table: type[SQLModel]) -> Sequence[Any]:
    with told.desk.store.reading() as session:
        return session.exec(select(table).order_by(col(table.id))).all()  # type: ignore[attr-defined]


@by_every_way
def test_a_reference_that_comes_later(told: ToldDesk, way: Way) -> None:
    """It is learnt, found by search, and refuses the order a second payment."""
    told.tell(stories.a_reference_that_comes_later(), way)
    (payment,) = _all(told, Payment)
    assert (payment.order_reference, payment.search_reference) == ("SHOP-88", "shop-88")
    with pytest.raises(OrderReferenceTaken) as taken:
        create_payment(
            told.desk, Actor("agent-1", frozenset(Role), "test"), draft(order_reference="shop-88")
        )
    assert taken.value.payment_id == payment.id
    assert ("POST", "/v1/payment_intents") not in told.stripe.asked


@by_every_way
@pytest.mark.parametrize(
    "story", [stories.another_currency, stories.another_currency_after_a_decline]
)
def test_another_currency(told: ToldDesk, way: Way, story: Callable[[], stories.Story]) -> None:
    """The payment is for what was paid in the end, as is the attempt that paid it."""
    told.tell(story(), way)
    (payment,) = _all(told, Payment)
    paid = [one for one in _all(told, PaymentAttempt) if one.outcome == "succeeded"]
    assert [(one.amount_minor, one.currency) for one in (payment, *paid)] == [(3_000, "jpy")] * 2
    assert payment.amount_received_minor == 3_000


@by_every_way
@pytest.mark.parametrize(
    ("story", "refundable"),
    [(stories.a_hold_captured_in_part, 6_000), (stories.a_hold_that_ends, 0)],
)
def test_what_was_never_taken_is_not_refunded(
    told: ToldDesk, way: Way, story: Callable[[], stories.Story], refundable: int
) -> None:
    """A Refund without a transaction only released what was on hold."""
    told.tell(story(), way)
    (payment,) = _all(told, Payment)
    refunds = _all(told, Refund)
    assert len(refunds) == 1
    assert payment.amount_refunded_minor == 0
    amounts = payment.amount_minor, payment.amount_received_minor
    assert refundable_minor(refunds, *amounts) == refundable


@pytest.mark.sampled(2)
@by_every_way
@pytest.mark.parametrize(
    ("story", "net"),
    [
        (stories.a_refund_that_comes_back, 4_825),
        (stories.a_debit_that_comes_back, 0),
        (stories.a_destination_charge, 680),
        (stories.a_payout_that_fails, 4_825),
    ],
)
def test_what_moves_the_balance_is_in_the_net(
    told: ToldDesk, way: Way, story: Callable[[], stories.Story], net: int
) -> None:
    """Whichever object names it, and by whichever field."""
    told.tell(story(), way)
    assert sum(one.net_minor for one in _all(told, BalanceTransaction)) == net


@by_every_way
def test_what_is_in_a_payout(told: ToldDesk, way: Way) -> None:
    """It adds up with the payout's own transaction; what came back is in none yet."""
    told.tell(stories.a_payout_that_fails(), way)
    found = {
        one.stripe_balance_transaction_id: one.net_minor
        for one in _all(told, BalanceTransaction)
        if one.stripe_payout_id == "po_1"
    }
    assert found == {"txn_ch_po": 4_825, "txn_po": -4_825}
    (payout,) = _all(told, Payout)
    assert (payout.status, payout.failure_code) == ("failed", "account_closed")
    assert payout.is_itemised


@pytest.mark.sampled(2)
@by_every_way
@pytest.mark.parametrize(
    ("story", "status", "days_left"),
    [
        (stories.an_appeal, "won", None),
        (stories.an_appeal_under_way, "appeal_needs_response", 3),
        (stories.an_inquiry_that_comes_back, "needs_response", 7),
    ],
)
def test_a_dispute_that_reopens(
    told: ToldDesk,
    way: Way,
    story: Callable[[], stories.Story],
    status: str,
    days_left: int | None,
) -> None:
    """It follows Stripe, with its deadline."""
    told.tell(story(), way)
    (dispute,) = _all(told, Dispute)
    due = dispute.evidence_due_at and (dispute.evidence_due_at - dispute.created_at).days
    assert (dispute.status, due) == (status, days_left)


@by_every_way
def test_what_was_paid_with(told: ToldDesk, way: Way) -> None:
    """Every method is named, with the last four of whatever has one."""
    told.tell(stories.other_methods(), way)
    found = {one.payment_method_type: one.card_last4 for one in _all(told, Payment)}
    assert found == {
        "card_present": "9969",
        "interac_present": "9969",
        "amazon_pay": "9969",
        "link": None,
        "sepa_debit": "3000",
        "us_bank_account": "3000",
        "klarna": None,
        "customer_balance": None,
    }


@by_every_way
def test_a_bank_transfer_waits_for_the_customer(told: ToldDesk, way: Way) -> None:
    """Nobody at the desk can authenticate it."""
    told.tell(stories.a_bank_transfer(), way)
    (payment,) = _all(told, Payment)
    assert payment.display_status == "Awaiting customer"


@by_every_way
def test_the_word_says_what_became_of_the_money(told: ToldDesk, way: Way) -> None:
    """By whichever way refund and dispute came in; the deadline of the last one is kept."""
    told.tell(stories.money_that_goes_back(), way)
    by_intent = {str(one.stripe_payment_intent_id): one for one in _all(told, Payment)}
    assert {name: one.display_status for name, one in by_intent.items()} == {
        "pi_part": "Partially refunded",
        "pi_whole": "Refunded",
        "pi_lost": "Dispute lost",
        "pi_won": "Dispute won",
        "pi_answer": "Disputed",
    }
    asks = {name: one.attention for name, one in by_intent.items() if one.attention}
    assert asks == {"pi_answer": "dispute"}
    assert by_intent["pi_answer"].act_by_at == stories.ANSWER_BY


@by_every_way
@pytest.mark.parametrize(
    ("story", "taken"),
    [(stories.a_hold_captured_twice, 8_000), (stories.a_hold_that_grows, 12_500)],
)
def test_a_hold_that_changes(
    told: ToldDesk, way: Way, story: Callable[[], stories.Story], taken: int
) -> None:
    """All that was taken counts, once, and can go back."""
    told.tell(story(), way)
    (payment,) = _all(told, Payment)
    (attempt,) = _all(told, PaymentAttempt)
    amounts = payment.amount_minor, payment.amount_received_minor
    assert (payment.display_status, payment.amount_received_minor) == ("Succeeded", taken)
    assert (payment.amount_minor, attempt.outcome) == (max(taken, 10_000), "succeeded")
    assert refundable_minor(_all(told, Refund), *amounts) == taken


@by_every_way
def test_a_hold_that_is_captured_in_part_for_now(told: ToldDesk, way: Way) -> None:
    """What was taken so far is received, and the rest is still held."""
    told.tell(stories.a_hold_captured_twice()[:4], way)
    (payment,) = _all(told, Payment)
    assert (payment.status, payment.amount_received_minor) == ("requires_capture", 3_000)
    assert payment.amount_capturable_minor == 7_000


@by_every_way
def test_a_debit_that_fails_before_a_card_pays(told: ToldDesk, way: Way) -> None:
    """The payment is paid once, and shows what paid it."""
    told.tell(stories.a_debit_that_fails_before_a_card_pays(), way)
    (payment,) = _all(told, Payment)
    outcomes = {one.stripe_charge_id: one.outcome for one in _all(told, PaymentAttempt)}
    assert (payment.display_status, payment.amount_received_minor) == ("Succeeded", 5_000)
    assert outcomes["ch_fast"] == "succeeded"
    assert set(outcomes.values()) <= {"succeeded", "declined", "failed"}
    assert payment.payment_method_type == "card"


@by_every_way
@pytest.mark.parametrize(
    "story", [stories.a_refund_that_fails_after_its_payout, stories.a_refund_that_is_called_off]
)
def test_a_refund_that_never_arrived(
    told: ToldDesk, way: Way, story: Callable[[], stories.Story]
) -> None:
    """The payment took all of it, and all of it can be refunded again."""
    told.tell(story(), way)
    (payment,) = _all(told, Payment)
    assert (payment.display_status, payment.amount_refunded_minor) == ("Succeeded", 0)
    assert refundable_minor(_all(told, Refund), 5_000, 5_000) == 5_000


@by_every_way
def test_each_payout_adds_up(told: ToldDesk, way: Way) -> None:
    """What failed after the first one is in the second."""
    told.tell(stories.a_refund_that_fails_after_its_payout(), way)
    for payout in _all(told, Payout):
        of = [
            one.net_minor
            for one in _all(told, BalanceTransaction)
            if one.stripe_payout_id == payout.stripe_payout_id
        ]
        assert payout.is_itemised
        assert (len(of), sum(of)) == ({"po_l1": 3, "po_l2": 2}[payout.stripe_payout_id], 0)


@by_every_way
def test_a_dispute_that_is_won_after_all(told: ToldDesk, way: Way) -> None:
    """Its money is back, without the fee."""
    told.tell(stories.a_dispute_that_is_won_after_all(), way)
    (payment,) = _all(told, Payment)
    (dispute,) = _all(told, Dispute)
    assert (payment.display_status, dispute.status) == ("Dispute won", "won")
    assert dispute.amount_minor == 3_000
    assert sum(one.net_minor for one in _all(told, BalanceTransaction)) == 2_825


@by_every_way
def test_other_currencies(told: ToldDesk, way: Way) -> None:
    """Amounts are as Stripe has them, and a person reads them as they are written there."""
    told.tell(stories.other_currencies(), way)
    shown = {
        one.currency: (
            _shown(one.amount_received_minor, one.currency),
            _shown(one.amount_refunded_minor, one.currency),
        )
        for one in _all(told, Payment)
    }
    assert shown == {
        "kwd": ("KWD 12.340", "KWD 1.200"),
        "ugx": ("UGX 5,000", "UGX 500"),
        "isk": ("ISK 9,900", "ISK 990"),
        "clp": ("CLP 7,700", "CLP 700"),
    }


@by_every_way
def test_a_reference_looks_like_what_it_is(told: ToldDesk, way: Way) -> None:
    """Nothing in it changes the direction of writing."""
    told.tell(stories.an_override_in_a_reference(), way)
    (payment,) = _all(told, Payment)
    assert payment.order_reference == "SHOP-98"


@pytest.mark.sampled(3)
@by_every_way
def test_nothing_is_left_to_correct(told: ToldDesk, way: Way) -> None:
    """Once a story is known, Stripe says nothing new; a second look asks for lists alone."""
    for story in stories.STORIES:
        told.tell(story(), way)
    told.advance(hours=1)
    told.reconcile()
    told.stripe.asked.clear()
    told.reconcile()
    assert {path for _, path in told.stripe.asked} == {
        f"/v1/{name}"
        for name in (
            "payment_intents",
            "refunds",
            "disputes",
            "payouts",
            "balance_transactions",
            "events",
        )
    }

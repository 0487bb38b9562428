"""What follows a charge, in whichever order it is told."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlmodel import select

from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.stripe_facts.snapshots import RefundSnapshot
from cardpay.gateway.stripe_gateway import NewRefund
from cardpay.services.stripe_facts.apply_facts import Applied, apply_fact
from cardpay.services.taking.payment_view import PaymentView
from cardpay.storage.database.engine import Session
from cardpay.storage.schema.tables import (
    BalanceTransaction,
    Dispute,
    Payment,
    PaymentAttempt,
    Refund,
)
from tests.support.desks.worlds import AGENT, VISA, World

pytestmark = pytest.mark.one_database

REFUND_FAILS = "4000000000005126"
DISPUTED = "4000000000000259"


def _refunded(world: World, payment: PaymentView, amount_minor: int) -> RefundSnapshot:
    """A refund that the desk's rows do not know yet."""
    new = NewRefund(
        str(payment.payment_intent_id), amount_minor, "requested_by_customer", metadata={}
    )
    return world.desk.gateway.create_refund(new, f"key-{amount_minor}")


def _apply(world: World, refund: RefundSnapshot, *, asked: bool) -> Applied:
    with world.desk.store.transaction() as session:
        asked_at = world.clock.now() if asked else None
        return apply_fact(session, world.desk, AGENT, refund, asked_at=asked_at)


def _paid(world: World, number: str = VISA) -> PaymentView:
    return world.pay(world.created(), number).payment


def _row(session: Session, payment: PaymentView) -> Payment:
    row = session.get(Payment, payment.payment_id)
    assert row is not None
    return row


def test_what_is_refunded_is_the_sum_of_the_refunds(world: World) -> None:
    """Each is counted once, however often it is told."""
    payment = _paid(world)
    for amount_minor in (1_000, 2_000):
        refund = _refunded(world, payment, amount_minor)
        for _ in range(2):
            assert _apply(world, refund, asked=False) is Applied.TAKEN
    with world.desk.store.reading() as session:
        assert _row(session, payment).amount_refunded_minor == 3_000
        assert len(session.exec(select(Refund)).all()) == 2


def test_a_refund_may_fail_after_it_has_succeeded(world: World) -> None:
    """The money is with us again, and what it was before does not come back."""
    payment = _paid(world, REFUND_FAILS)
    succeeded = _refunded(world, payment, 1_000)
    world.clock.advance(seconds=20)
    world.sandbox.run_due()
    failed = world.desk.gateway.retrieve_refund(succeeded.refund_id)
    told = [_apply(world, refund, asked=False) for refund in (succeeded, failed, succeeded)]
    assert told == [Applied.TAKEN] * 3
    with world.desk.store.reading() as session:
        refund = session.exec(select(Refund)).one()
        assert (refund.status, refund.failure_reason) == ("failed", "expired_or_canceled_card")
        assert _row(session, payment).amount_refunded_minor == 0


def test_an_event_cannot_move_a_refund_that_may_still_change(world: World) -> None:
    """Only a request that began after the stored one was applied can."""
    refund = _refunded(world, _paid(world), 1_000)
    pending = replace(refund, status="pending")
    asked_at = world.clock.now()
    assert _apply(world, pending, asked=True) is Applied.TAKEN
    assert _apply(world, refund, asked=False) is Applied.STALE
    with world.desk.store.transaction() as session:
        early = apply_fact(session, world.desk, AGENT, refund, asked_at=asked_at)
    assert early is Applied.STALE
    assert _apply(world, refund, asked=True) is Applied.TAKEN


def test_a_refund_answers_the_row_that_its_metadata_names(world: World) -> None:
    """A request without an answer is found again, and is not counted twice."""
    payment = _paid(world)
    with world.desk.store.transaction() as session:
        session.add(
            Refund(
                id="ours",
                stripe_account_id=world.sandbox.account_id,
                livemode=False,
                payment_id=payment.payment_id,
                amount_minor=1_000,
                currency="gbp",
                created_at=world.clock.now(),
                updated_at=world.clock.now(),
            )
        )
    refund = replace(_refunded(world, payment, 1_000), metadata={"refund_id": "ours"})
    assert _apply(world, refund, asked=False) is Applied.TAKEN
    with world.desk.store.reading() as session:
        assert session.exec(select(Refund.stripe_refund_id)).all() == [refund.refund_id]


def test_a_fee_is_kept_once(world: World) -> None:
    """Later views of it change nothing."""
    payment = _paid(world)
    world.clock.advance(seconds=5)
    world.sandbox.run_due()
    gateway = world.desk.gateway
    charge = gateway.retrieve_payment_intent(str(payment.payment_intent_id)).latest_charge
    assert charge is not None
    fee = gateway.retrieve_balance_transaction(str(charge.balance_transaction_id))
    for told in (fee, replace(fee, fee_minor=0), fee):
        with world.desk.store.transaction() as session:
            apply_fact(session, world.desk, AGENT, told, asked_at=None)
    with world.desk.store.reading() as session:
        row = session.exec(select(BalanceTransaction)).one()
    assert (row.fee_minor, row.stripe_source_id) == (fee.fee_minor, charge.charge_id)
    assert row.gross_minor - row.fee_minor == row.net_minor


def test_a_payment_taken_elsewhere_is_made_of_its_payment_intent(world: World) -> None:
    """What hangs on it waits until then; it holds no order, and no card number."""
    made = world.elsewhere(DISPUTED, metadata={"order_reference": "of 4242 4242 4242 4242"})
    world.clock.advance(seconds=10)
    world.sandbox.run_due()
    gateway, desk = world.desk.gateway, world.desk
    intent = gateway.retrieve_payment_intent(made)
    dispute = gateway.retrieve_dispute(str(world.listed("/v1/disputes")[0]["id"]))
    assert intent.latest_charge is not None
    for expected in (Applied.UNKNOWN_PAYMENT, Applied.TAKEN):
        with desk.store.transaction() as session:
            assert (
                apply_fact(session, desk, AGENT, intent.latest_charge, asked_at=None) is expected
            )
            assert apply_fact(session, desk, AGENT, dispute, asked_at=None) is expected
        with desk.store.transaction() as session:
            apply_fact(session, desk, AGENT, intent, asked_at=None)
    with desk.store.reading() as session:
        payment = session.exec(select(Payment)).one()
        attempt = session.exec(select(PaymentAttempt)).one()
        assert session.exec(select(Dispute.payment_id)).all() == [payment.id]
    assert not payment.taken_at_desk
    assert payment.order_claim is None
    assert payment.order_reference == "of •••• 4242"
    assert payment.display_status == DisplayStatus.DISPUTED
    assert (attempt.outcome, attempt.operation_id) == ("succeeded", None)


@pytest.mark.both_databases
def test_two_who_meet_a_payment_from_elsewhere_at_once_make_one(world: World) -> None:
    """The second waits for the first, and applies to the same row."""
    intent = world.desk.gateway.retrieve_payment_intent(world.elsewhere())

    def meet(_: int) -> Applied:
        with world.desk.store.transaction() as session:
            return apply_fact(session, world.desk, AGENT, intent, asked_at=None)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(meet, range(8))) == {Applied.TAKEN}
    with world.desk.store.reading() as session:
        assert len(session.exec(select(Payment)).all()) == 1

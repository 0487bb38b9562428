"""The demo's past: the simulated Stripe and the desk's books tell the same."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel, col, func, select

from cardpay import bootstrap
from cardpay.bootstrap import Application
from cardpay.demo.past.older_past import OlderPast
from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.payment.dispute import DisputeStatus
from cardpay.domain.payment.refund import RefundStatus
from cardpay.services.after_payment.refunds import refund_payment
from cardpay.services.history.begin_import import import_history
from cardpay.services.history.begin_reconciliation import reconcile
from cardpay.settings import load
from cardpay.storage.schema.tables import (
    BalanceTransaction,
    Dispute,
    Operation,
    Payment,
    PaymentAttempt,
    Payout,
    Person,
    Refund,
)

pytestmark = pytest.mark.usefixtures("no_environment")

BOOKS: tuple[type[SQLModel], ...] = (
    Payment, PaymentAttempt, Refund, Dispute, BalanceTransaction, Payout,
)  # fmt: skip
OWN_TIMES = {"updated_at", "status_as_of"}  # when the desk looked


@contextmanager
def started(folder: Path) -> Iterator[Application]:
    """A demo with a month of past, of which the older part is not made yet."""
    settings = load(CARDPAY_DATABASE_URL=f"sqlite:///{folder / 'demo.db'}", CARDPAY_DEMO_MONTHS=1)
    running = bootstrap.build(settings)
    try:
        yield running
    finally:
        running.close()


def make_older(running: Application, stop_after: int = 1_000_000) -> None:
    """Make the older part, or stop when it has asked so often whether to go on."""
    assert running.sandbox is not None
    asked = iter(range(stop_after))
    OlderPast(running.desk, running.sandbox, delay_seconds=0).make(
        lambda: next(asked, None) is not None
    )


def books(running: Application) -> dict[tuple[str, str], dict[str, Any]]:
    """Every row of what Stripe states."""
    with running.desk.store.reading() as session:
        return {
            (model.__name__, row.id): row.model_dump(exclude=OWN_TIMES)  # type: ignore[attr-defined]
            for model in BOOKS
            for row in session.exec(select(model))
        }


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """A demo whose past is made. The tests leave its books as they are, but for the last one."""
    with started(tmp_path_factory.mktemp("demo")) as running:
        make_older(running)
        yield running


def test_the_last_days_are_there_first(tmp_path: Path) -> None:
    """With disputes to answer, holds that run out, colleagues with names, and no older payment."""
    with started(tmp_path) as running, running.desk.store.reading() as session:
        now = running.desk.now()
        due = session.exec(
            select(Dispute.evidence_due_at).where(Dispute.status == DisputeStatus.NEEDS_RESPONSE)
        ).all()
        assert len(due) == 3
        assert all(at is not None and at > now for at in due)
        held = session.exec(
            select(PaymentAttempt.capture_before_at)
            .join(Payment)
            .where(Payment.display_status == DisplayStatus.AUTHORISED)
        ).all()
        assert len(held) >= 3
        assert all(at is not None and at > now for at in held)
        names = {person.name for person in session.exec(select(Person))}
        assert "Jo Reyes" in names
        oldest = session.exec(select(func.min(Payment.created_at))).one()
        assert now - timedelta(days=15) < oldest < now - timedelta(days=6)


def test_who_takes_a_payment_meanwhile_waits_for_a_day_s_books_at_most(tmp_path: Path) -> None:
    """A write transaction of SQLite lets nobody else write, so each is short."""
    with started(tmp_path) as running:
        assert running.sandbox is not None
        kept: list[int] = []

        def asked_between_two() -> bool:
            with running.desk.store.reading() as session:
                kept.append(session.exec(select(func.count()).select_from(Operation)).one())
            return True

        OlderPast(running.desk, running.sandbox, delay_seconds=0).make(asked_between_two)
        assert kept[-1] - kept[0] > 100
        assert max(later - earlier for earlier, later in pairwise(kept)) < 50


@pytest.mark.full
def test_the_whole_past_agrees_with_stripe(whole: Application) -> None:
    """Reconciliation finds no difference, and an import of everything changes nothing."""
    before = books(whole)
    assert len([name for name, _ in before if name == "Payment"]) > 150
    since = whole.desk.now() - timedelta(days=60)
    assert reconcile(whole.desk, SYSTEM, since=since).differences == 0
    import_history(whole.desk, SYSTEM)
    assert books(whole) == before


def test_every_business_day_has_one_payout_that_adds_up(whole: Application) -> None:
    """Where the older part and the last days meet, too."""
    with whole.desk.store.reading() as session:
        payouts = session.exec(select(Payout).order_by(col(Payout.created_at))).all()
        days = [payout.created_at.date() for payout in payouts]
        assert len(days) == len(set(days)) > 10
        assert {day.weekday() for day in days} == {0, 1, 2, 3, 4}
        assert {payout.currency for payout in payouts} == {"gbp"}
        remainders = session.exec(
            select(func.sum(BalanceTransaction.net_minor))
            .where(col(BalanceTransaction.stripe_payout_id).is_not(None))
            .group_by(col(BalanceTransaction.stripe_payout_id))
        ).all()
    assert set(remainders) == {0}


@pytest.mark.full
def test_a_past_that_was_stopped_goes_on(tmp_path: Path, whole: Application) -> None:
    """Wherever it was stopped, each order is there once, as without a stop."""
    for stops in range(3, 40, 7):
        with started(tmp_path) as running:
            make_older(running, stops)
    with started(tmp_path) as running:
        make_older(running)
        with running.desk.store.reading() as session:
            ours = set(session.exec(select(Payment.order_reference)))
            operations = session.exec(select(func.count()).select_from(Operation)).one()
        since = running.desk.now() - timedelta(days=60)
        listed = running.desk.gateway.list_payment_intents(since, running.desk.now())
        theirs = [intent.metadata["order_reference"] for intent in listed]
        assert sorted(theirs) == sorted(ours)
        assert reconcile(running.desk, SYSTEM, since=since).differences == 0
        before = books(running)
        import_history(running.desk, SYSTEM)
        assert books(running) == before
    with whole.desk.store.reading() as session:
        assert abs(len(set(session.exec(select(Payment.order_reference)))) - len(ours)) < 5
        whole_operations = session.exec(select(func.count()).select_from(Operation)).one()
        assert abs(whole_operations - operations) < 20


def test_an_old_payment_can_be_refunded(whole: Application) -> None:
    """The simulated Stripe knows it as well as the desk does."""
    with whole.desk.store.reading() as session:
        paid = session.exec(
            select(Payment)
            .where(
                Payment.display_status == DisplayStatus.SUCCEEDED,
                Payment.amount_refunded_minor == 0,
            )
            .order_by(col(Payment.created_at))
        ).first()
    assert paid is not None
    assert paid.created_at < whole.desk.now() - timedelta(days=20)
    refund_payment(
        whole.desk, SYSTEM, paid.id, paid.amount_minor, "requested_by_customer",
        "0b0f5b9e-56a1-4f8e-9b4e-1df0a3a3a001",
    )  # fmt: skip
    with whole.desk.store.reading() as session:
        made = session.exec(select(Refund).where(Refund.payment_id == paid.id)).one()
    assert (made.status, made.amount_minor) == (RefundStatus.SUCCEEDED, paid.amount_minor)

"""The demo begins at any moment of a day."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from cardpay import bootstrap
from cardpay.bootstrap import Application
from cardpay.demo.past.planned_acts import acts_of
from cardpay.demo.past.span import Span
from cardpay.demo.seed_new_database import seed
from cardpay.domain.payment.operation import OperationKind
from cardpay.settings import load
from cardpay.storage.schema.tables import Payment

pytestmark = pytest.mark.usefixtures("no_environment")

EVENING = datetime(2026, 6, 16, 22, tzinfo=UTC)  # of a Tuesday


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Application]:
    """A demo, which is then begun again at another time."""
    made = bootstrap.build(
        load(CARDPAY_DATABASE_URL=f"sqlite:///{tmp_path / 'demo.db'}", CARDPAY_DEMO_MONTHS=0)
    )
    yield made
    made.close()


def _while_a_card_is_taken(cards: int) -> tuple[str, datetime]:
    """A payment of the day on which the demo begins, and the moment before its last card is sent.

    It has so many cards. The plan of a day is the same at each of its moments.
    """
    evenings = (EVENING + timedelta(days=days) for days in range(60))
    order = next(
        order
        for evening in evenings
        for order in Span.until(evening, 0).shown_orders()
        if len(order.cards) == cards and order.at.date() == evening.date()
    )
    last = max(act.at for act in acts_of([order]) if act.kind is OperationKind.CONFIRM)
    return order.payment_id, last - timedelta(seconds=1)


@pytest.mark.parametrize("cards", [1, 2])
def test_it_begins_while_a_card_is_taken(running: Application, cards: int) -> None:
    """Whose order is left out, since nobody is on the telephone to end it."""
    assert running.sandbox is not None
    taken, now = _while_a_card_is_taken(cards)
    desk = replace(running.desk, now=lambda: now)
    seed(desk, running.sandbox, months=0)
    with desk.store.reading() as session:
        payments = session.scalars(select(Payment.id)).all()
    assert payments
    assert taken not in payments

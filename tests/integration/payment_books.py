"""Books with a few hundred payments, whose facts tests can count on."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.payment.order import order_claim
from cardpay.domain.personal_data.search_keys import reference_number
from cardpay.storage.database import migrate
from cardpay.storage.database.engine import Store, connect
from cardpay.storage.personal_data import customer_words
from cardpay.storage.schema.tables import CustomerDetail, Desk, Payment
from tests.support.databases.databases import Databases
from tests.support.desks.worlds import AUDIT_KEYS

START = datetime(2024, 2, 29, 9, tzinfo=UTC)
COUNT = 240


@dataclass(frozen=True)
class Books:
    """A database with payments, and their ids from newest to oldest."""

    store: Store
    newest_first: tuple[str, ...]
    statuses: dict[str, DisplayStatus]
    created_at: dict[str, datetime]

    def add(self, number: int, **facts: Any) -> str:
        """One more payment, `number` minutes after the first."""
        with self.store.transaction() as session:
            payment = _payment(number, **facts)
            session.add(payment)
        return payment.id


def _payment(number: int, **facts: Any) -> Payment:
    reference = f"SO-{number:05}"
    given: dict[str, Any] = {
        "id": f"payment-{number:05}",
        "stripe_account_id": "acct_1",
        "livemode": False,
        "display_status": DisplayStatus.SUCCEEDED,
        "amount_minor": 1_200,
        "currency": "gbp",
        "product_name": "Consultation",
        "order_reference": reference,
        "search_reference": order_claim(reference),
        "search_number": reference_number(reference),
        "taken_by": "agent-1",
        "stripe_payment_intent_id": f"pi_{number:05}",
        "created_at": START + timedelta(minutes=number),
        "updated_at": START,
    }
    return Payment(**given | facts)


def _customer(number: int, payment: Payment) -> CustomerDetail:
    name = f"{number % 40:02}"
    return CustomerDetail(
        payment_id=payment.id,
        name=f"Customer {name}",
        email=f"c{name}@example.com",
        search_name=f"customer {name}",
        search_email=f"c{name}@example.com",
        created_at=START,
    )


@dataclass(frozen=True)
class _Written:
    """A database to copy from, and what is in it."""

    name: str
    payments: list[Payment]


def _payments() -> list[Payment]:
    chance = random.Random(4)
    return [
        _payment(
            number,
            created_at=START + timedelta(minutes=number - number % 3 // 2),
            display_status=chance.choice(list(DisplayStatus)),
            card_brand="visa",
            card_last4=f"{number % 50:04}",
            stripe_payment_intent_id=f"pi_{number:05}" if number % 7 else None,
        )
        for number in range(COUNT)
    ]


@pytest.fixture(scope="session")
def written(databases: Databases) -> _Written:
    """The books, written once: migrations and inserts take longer than a test's reads."""
    payments = _payments()

    def fill(engine: Engine) -> None:
        migrate.upgrade(engine)
        with Store(engine, AUDIT_KEYS).transaction() as session:
            session.add(
                Desk(mode="test", stripe_account_id="acct_1", livemode=False, created_at=START)
            )
            session.add_all(payments)
            session.flush()
            customers = [_customer(number, made) for number, made in enumerate(payments)]
            session.add_all(customers)
            session.flush()
            for customer in customers:
                customer_words.store(session, customer)
        with engine.begin() as connection:
            connection.exec_driver_sql("ANALYZE")  # as either database does by itself, in time

    return _Written(databases.template(fill), payments)


@contextmanager
def _copied(databases: Databases, written: _Written) -> Iterator[Books]:
    ordered = sorted(written.payments, key=lambda made: (made.created_at, made.id), reverse=True)
    with databases.copy(written.name) as url:
        store = Store(connect(url), AUDIT_KEYS)
        yield Books(
            store,
            tuple(made.id for made in ordered),
            {made.id: made.display_status for made in ordered},
            {made.id: made.created_at for made in ordered},
        )
        store.close()


@pytest.fixture
def books(databases: Databases, written: _Written) -> Iterator[Books]:
    """Payments in all statuses; every third shares its moment with the one before it."""
    with _copied(databases, written) as made:
        yield made


@pytest.fixture(scope="module")
def unchanged_books(databases: Databases, written: _Written) -> Iterator[Books]:
    """The same, for tests that add nothing."""
    with _copied(databases, written) as made:
        yield made

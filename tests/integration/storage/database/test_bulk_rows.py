"""Many rows at once are stored as one by one: the same values, in the same form."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.dialects.sqlite import Insert
from sqlmodel import select

from cardpay.storage.database.bulk_rows import insert_many, update_many
from cardpay.storage.database.engine import Store, connect
from cardpay.storage.schema.tables import Product
from tests.support.databases.databases import Databases
from tests.support.desks.worlds import AUDIT_KEYS

AT = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)
PARIS = timezone(timedelta(hours=1))


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A database with tables and no rows."""
    store = Store(connect(database_url), AUDIT_KEYS)
    yield store
    store.close()


@pytest.fixture
def another_store(databases: Databases, migrated: str) -> Iterator[Store]:
    """Another of the same kind."""
    with databases.copy(migrated) as url:
        store = Store(connect(url), AUDIT_KEYS)
        yield store
        store.close()


def _row(number: int, **values: object) -> dict[str, Any]:
    return {
        "id": f"product-{number}",
        "name": f"It's {number} \\ “new” 👍",
        "name_key": None,
        "unit_amount_minor": 10**12 + number,
        "currency": "gbp",
        "active": number % 2 == 0,
        "position": number,
        "created_at": AT,
        **values,
    }


def _keep(adding: Insert) -> Insert:
    return adding.on_conflict_do_nothing()


def _as_written(store: Store) -> list[tuple[Any, ...]]:
    with store.reading() as session:
        return [tuple(row) for row in session.execute(text("SELECT * FROM product ORDER BY id"))]


@pytest.mark.parametrize(
    "at", [AT, AT.replace(microsecond=7), AT.astimezone(PARIS)], ids=["whole", "part", "zone"]
)
def test_they_are_written_as_one_by_one(store: Store, another_store: Store, at: datetime) -> None:
    """Down to the texts that SQLite compares."""
    given = [_row(number, created_at=at) for number in range(3)]
    with store.transaction() as session:
        insert_many(session, Product, given, _keep)
    with another_store.transaction() as session:
        session.add_all(Product(**row) for row in given)
    assert _as_written(store) == _as_written(another_store)


def test_a_row_that_is_there_stays(store: Store) -> None:
    """Twice in one statement, too."""
    with store.transaction() as session:
        insert_many(session, Product, [_row(1), _row(1, name="Again")], _keep)
        insert_many(session, Product, [_row(1, name="Later"), _row(2)], _keep)
    with store.reading() as session:
        names = session.exec(select(Product.name).order_by(Product.name)).all()
    assert names == [_row(1)["name"], _row(2)["name"]]


def test_each_row_gets_its_own_values(store: Store) -> None:
    """And those that are not named stay as they are."""
    later = AT + timedelta(days=1)
    with store.transaction() as session:
        insert_many(session, Product, [_row(number) for number in range(3)], _keep)
        changes: list[dict[str, Any]] = [
            {"id": "product-0", "name_key": "nought", "created_at": later},
            {"id": "product-2", "name_key": None, "created_at": AT},
        ]
        update_many(session, Product, changes)
    with store.reading() as session:
        found = {product.id: product for product in session.exec(select(Product)).all()}
    assert (found["product-0"].name_key, found["product-0"].created_at) == ("nought", later)
    assert found["product-0"].name == _row(0)["name"]
    assert found["product-1"].created_at == found["product-2"].created_at == AT


def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    """As it is one by one: nobody could say later which zone was meant."""
    naive = AT.replace(tzinfo=None)
    with pytest.raises((ValueError, TypeError)), store.transaction() as session:
        insert_many(session, Product, [_row(1, created_at=naive)], _keep)
    assert _as_written(store) == []

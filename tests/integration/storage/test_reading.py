"""What a look at the database sees."""

from datetime import UTC, datetime

from sqlmodel import col, func, select

from cardpay.storage.engine import Session, Store, connect
from cardpay.storage.tables import Product
from tests.support.worlds import add_products


def _how_many(session: Session) -> int:
    return session.exec(select(func.count(col(Product.id)))).one()


def test_a_look_sees_one_moment(database_url: str) -> None:
    """A list and its total are of the same books, whatever others commit between the two."""
    store = Store(connect(database_url))
    with store.reading() as session:
        before = _how_many(session)
        add_products(store, datetime.now(UTC))
        assert _how_many(session) == before
    with store.reading() as session:
        assert _how_many(session) > before
    store.close()


def test_a_look_does_not_hold_up_what_is_written_next(database_url: str) -> None:
    """The connection goes back as it was."""
    store = Store(connect(database_url))
    with store.reading() as session:
        _how_many(session)
    add_products(store, datetime.now(UTC))
    store.close()

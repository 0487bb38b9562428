"""Columns give back what was put into them, and what a later version may have put there."""

from sqlalchemy import Column, MetaData, Table, create_engine, insert, select, text

from cardpay.domain.payment.dispute import DisputeStatus
from cardpay.storage.schema.types import EnumText

TABLE = Table("one", MetaData(), Column("status", EnumText(DisputeStatus)))


def test_members_texts_and_nothing() -> None:
    """A member is stored as its value and read as the member; an unknown text stays a text."""
    engine = create_engine("sqlite://")
    TABLE.metadata.create_all(engine)
    with engine.begin() as connection:
        for status in (DisputeStatus.LOST, "asleep", None):
            connection.execute(insert(TABLE), {"status": status})
        assert connection.scalars(text("SELECT status FROM one")).all() == [
            "lost",
            "asleep",
            None,
        ]
        read = connection.scalars(select(TABLE.c.status)).all()
    assert read == ["lost", "asleep", None]
    assert [type(status) for status in read] == [DisputeStatus, str, type(None)]

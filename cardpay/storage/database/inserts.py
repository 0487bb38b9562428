"""INSERT statements that both databases understand, and inserting a row only once."""

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel


def is_postgresql(session: Session) -> bool:
    """Whether the session's database is PostgreSQL; else it is SQLite."""
    return session.get_bind().dialect.name == "postgresql"


def table_of(model: type[SQLModel]) -> Table:
    """The table behind a model."""
    table: Table = model.__table__  # type: ignore[attr-defined]  # SQLModel hides it
    return table


def insert(table: type[SQLModel], *, on_postgresql: bool) -> sqlite.Insert:
    """An INSERT that knows ON CONFLICT, which both databases spell alike."""
    if on_postgresql:
        return postgresql.insert(table)  # type: ignore[return-value]  # the same methods
    return sqlite.insert(table)


def insert_if_absent(session: Session, row: SQLModel) -> bool:
    """Insert the row unless one of its unique keys is taken; return whether it was inserted.

    Waits for a transaction that is inserting the same key. This transaction goes on either way.
    """
    values = row.model_dump()
    if values.get("id") is None:
        values.pop("id", None)  # the database counts
    adding = insert(type(row), on_postgresql=is_postgresql(session)).values(values)
    made = session.connection().execute(adding.on_conflict_do_nothing())
    return made.rowcount == 1

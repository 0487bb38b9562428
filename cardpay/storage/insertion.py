"""Adding a row that somebody else may be adding at the same moment."""

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel


def is_postgresql(session: Session) -> bool:
    """Whether the session's database is PostgreSQL; else it is SQLite."""
    return session.get_bind().dialect.name == "postgresql"


def insert(session: Session, table: type[SQLModel]) -> sqlite.Insert:
    """An INSERT that knows ON CONFLICT, which both databases spell alike."""
    if is_postgresql(session):
        return postgresql.insert(table)  # type: ignore[return-value]  # the same methods
    return sqlite.insert(table)


def insert_if_absent(session: Session, row: SQLModel) -> bool:
    """Insert the row unless one of its unique keys is there already; whether it was inserted.

    It waits for whoever inserts the same key now, and the transaction goes on either way.
    """
    values = row.model_dump()
    if values.get("id") is None:
        values.pop("id", None)  # the database counts
    adding = insert(session, type(row)).values(values).on_conflict_do_nothing()
    made = session.connection().execute(adding)
    return made.rowcount == 1

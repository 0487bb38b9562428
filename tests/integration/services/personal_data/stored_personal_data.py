"""What a database holds of a person: in its rows, and in an SQLite file's own bytes."""

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import select

from cardpay.storage.database.engine import Store
from cardpay.storage.database.open_existing import sqlite_file
from cardpay.storage.schema.tables import metadata


def rows_of(store: Store) -> dict[str, list[str]]:
    """Every row of every table, as text."""
    with store.reading() as session:
        connection = session.connection()
        return {
            name: sorted(str(dict(row)) for row in connection.execute(select(table)).mappings())
            for name, table in metadata.tables.items()
        }


def in_rows(store: Store, texts: Iterable[str]) -> set[str]:
    """The tables that hold one of the texts, however it is written."""
    wanted = [text.casefold() for text in texts]
    return {
        name
        for name, rows in rows_of(store).items()
        if any(text in row.casefold() for row in rows for text in wanted)
    }


def in_files(store: Store, texts: Iterable[str]) -> set[str]:
    """The files of an SQLite database, its log among them, that hold one of the texts."""
    file = sqlite_file(store.engine.url.render_as_string(hide_password=False))
    if file is None:
        return set()
    beside = [Path(f"{file}{ending}") for ending in ("", "-wal", "-shm", "-journal")]
    wanted = [text.casefold().encode() for text in texts]
    return {
        path.name
        for path in beside
        if path.exists() and any(text in path.read_bytes().lower() for text in wanted)
    }


def leave_pieces(store: Store, payment_id: str) -> bool:
    """Change a note as a version did that zeroed nothing; whether that leaves pieces in a file."""
    on_sqlite = store.engine.dialect.name == "sqlite"
    connection = store.engine.raw_connection()
    cursor = connection.cursor()
    if on_sqlite:
        cursor.execute("PRAGMA secure_delete = OFF")
    mark = "?" if on_sqlite else "%s"
    longer = "a longer one, for which the row has to move" * 5
    cursor.execute(
        f"UPDATE customer_detail SET note = {mark} WHERE payment_id = {mark}", (longer, payment_id)
    )
    if on_sqlite:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.execute("PRAGMA secure_delete = ON")
    connection.commit()
    connection.close()
    return on_sqlite

"""What a sandbox's file says of itself, read without opening the sandbox."""

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote


def recorded_account(path: Path) -> str | None:
    """The account whose objects the file holds; None without a file."""
    if not path.is_file():
        return None
    alone = "" if Path(f"{path}-wal").exists() else "&immutable=1"
    address = f"file:{quote(str(path.resolve()))}?mode=ro{alone}"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        row = connection.execute("SELECT value FROM meta WHERE name = 'account_id'").fetchone()
    return str(row[0]) if row else None

"""Writing an SQLite file anew, so that no piece of what was erased is left in it."""

import sqlite3
import time
from typing import Final

from sqlalchemy import Engine

_WAITS_FOR_READERS_SECONDS: Final = 10.0
_LOOKS_EACH_SECONDS: Final = 0.2
_BUSY_MILLISECONDS: Final = 500  # a try that waits longer would hold up writers


def vacuum(engine: Engine) -> bool:
    """Rid an SQLite file and its log of what was erased; return whether nothing is left.

    Zeroing deleted rows misses copies that SQLite made when it moved rows from page to page; only
    VACUUM writes the file without them (SQLite docs: "VACUUM"). Writers wait meanwhile. Returns
    False while another process still reads the old log, or if the disk is full. PostgreSQL reuses
    the space by itself (PostgreSQL docs: "Routine Vacuuming"): nothing is done, and True returned.
    """
    if engine.dialect.name != "sqlite":
        return True
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("VACUUM")
        cursor.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
        deadline = time.monotonic() + _WAITS_FOR_READERS_SECONDS
        while True:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            (busy, *_) = cursor.fetchone() or (1,)
            if not busy or time.monotonic() > deadline:
                return not busy
            time.sleep(_LOOKS_EACH_SECONDS)
    except sqlite3.OperationalError:
        return False
    finally:
        connection.invalidate()  # with its shortened busy_timeout
        connection.close()

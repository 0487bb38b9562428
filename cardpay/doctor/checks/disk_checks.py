"""The disk: room for the database to grow."""

import shutil
from typing import Final

from cardpay.doctor.check_context import CheckContext
from cardpay.doctor.findings import Finding, fail, ok, warn
from cardpay.storage.database.open_existing import sqlite_file

_GIGABYTE: Final = 1_000_000_000
# The write-ahead log, a backup and an erasure each need room beside the database.
LITTLE_SPACE_BYTES: Final = 2 * _GIGABYTE
NO_SPACE_BYTES: Final = _GIGABYTE // 5


def space(context: CheckContext) -> Finding | None:
    """Room on the disk of an SQLite file."""
    file = sqlite_file(context.settings.database)
    if file is None or not file.parent.is_dir():
        return None
    free = shutil.disk_usage(file.parent).free
    said = f"{free / _GIGABYTE:.1f} GB are free where the database is"
    do = "Make room: a payment that cannot be written cannot be taken."
    if free < NO_SPACE_BYTES:
        return fail(f"{said}.", do)
    return warn(f"{said}.", do) if free < LITTLE_SPACE_BYTES else ok(f"{said}.")

"""The heads of the audit log's chain, written down outside the database.

Who owns the database can take the chain's last seals away with their entries; what was logged
before tells that they were there.
"""

import logging
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

_log = logging.getLogger("cardpay.audit")

# Found anywhere in a line, so that a log that was collected elsewhere will do.
_HEAD: Final = re.compile(
    rb"seal=(\d{1,18}) entries=(\d{1,18}) last_entry=(\d{1,18}) mac=([0-9a-f]{64})"
)
_TAIL_BYTES: Final = 4096


@dataclass(frozen=True)
class Head:
    """One seal as it was logged: its entries, the highest id among them, and its MAC."""

    number: int
    entry_count: int
    last_entry_id: int
    mac: str

    @property
    def words(self) -> str:
        """The line that is logged, and found again."""
        return (
            f"seal={self.number} entries={self.entry_count} "
            f"last_entry={self.last_entry_id} mac={self.mac}"
        )


@dataclass(frozen=True)
class HeadsFile:
    """A file that grows by a line a seal, whichever process writes it."""

    path: Path

    def append(self, head: Head, at: datetime) -> bool:
        """Write one line; whether that went well. A file that cannot be written is logged.

        One write with O_APPEND: lines of several processes do not mix (POSIX: write).
        """
        line = f"{at.isoformat(timespec='seconds')} {head.words}\n".encode()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(file, line)
            finally:
                os.close(file)
        except OSError as error:
            _log.error("the head of the audit log was not written: %s", type(error).__name__)
            return False
        return True

    def last(self) -> Head | None:
        """The highest in the last lines; None where there is none, or no file."""
        try:
            with self.path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - _TAIL_BYTES))
                found = list(_heads_in(file.read()))
        except OSError:
            return None
        return max(found, key=lambda head: head.number, default=None)

    def logged(self) -> Iterator[Head]:
        """Every head until now, in the file's order; OSError at once if it cannot be read."""
        file = self.path.open("rb")
        return _read(file, os.fstat(file.fileno()).st_size)


def _read(file: BinaryIO, size: int) -> Iterator[Head]:
    with file:
        while file.tell() < size:
            yield from _heads_in(file.readline())


def _heads_in(text: bytes) -> Iterator[Head]:
    for number, entries, last_entry, mac in _HEAD.findall(text):
        yield Head(int(number), int(entries), int(last_entry), mac.decode())

"""The heads of the audit log's hash chain, in a file outside the database.

Who owns the database can cut off the end of the log; a head that was written down before tells
that it was there.
"""

import logging
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from cardpay.domain.audit_chain import Head

_log = logging.getLogger("cardpay.audit")

_HEAD: Final = re.compile(rb"entry=(\d{1,18}) mac=([0-9a-f]{64})")
_LINE: Final = re.compile(rb"(\S+) " + _HEAD.pattern + rb"\n")
_TAIL_BYTES: Final = 4096


@dataclass(frozen=True)
class Malformed:
    """A line of the file that is not what the desk writes, by its number from 1."""

    line: int


@dataclass(frozen=True)
class HeadsFile:
    """A file that grows by a line a head. Several processes may share one.

    `is_collected` is true of a log that was collected elsewhere, which has other lines too.
    """

    path: Path
    is_collected: bool = False

    def append(self, head: Head, at: datetime) -> bool:
        """Write one line; whether that went well. A file that cannot be written is logged.

        One write with O_APPEND: lines of several processes do not mix (POSIX: write).
        """
        line = f"{at.isoformat(timespec='seconds')} {head.words}\n".encode()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                is_whole = os.write(file, line) == len(line)
            finally:
                os.close(file)
        except OSError as error:
            _log.error("the head of the audit log was not written: %s", type(error).__name__)
            return False
        if not is_whole:
            _log.error("the head of the audit log was not written whole: is the disk full?")
        return is_whole

    def last(self) -> Head | None:
        """The highest in the last lines; None where there is none, or no file; OSError."""
        return max(_heads_in(self._tail()), key=lambda head: head.number, default=None)

    def last_written_at(self) -> datetime | None:
        """When the last whole line says it was written; None where none tells; OSError."""
        lines = list(_LINE.finditer(self._tail()))
        if not lines:
            return None
        try:
            at = datetime.fromisoformat(lines[-1][1].decode())
        except ValueError:
            return None
        return at if at.tzinfo else None

    def _tail(self) -> bytes:
        try:
            file = self.path.open("rb")
        except FileNotFoundError:
            return b""
        with file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL_BYTES))
            return file.read()

    def lines(self) -> Iterator[Head | Malformed]:
        """Every head until now, in the file's order, and lines that are damaged.

        Nothing where there is no file, unless it is a collected one. OSError at once if it cannot
        be read.
        """
        try:
            file = self.path.open("rb")
        except FileNotFoundError:
            if self.is_collected:
                raise
            return iter(())
        return self._read(file, os.fstat(file.fileno()).st_size)

    def _read(self, file: BinaryIO, size: int) -> Iterator[Head | Malformed]:
        number = 0
        with file:
            while file.tell() < size:
                line = file.readline()
                number += 1
                if not self.is_collected and not _LINE.fullmatch(line):
                    yield Malformed(number)
                yield from _heads_in(line)


def _heads_in(text: bytes) -> Iterator[Head]:
    for number, mac in _HEAD.findall(text):
        yield Head(int(number), mac.decode())

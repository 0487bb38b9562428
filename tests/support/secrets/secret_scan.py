"""Finds what must not be kept: keys, client secrets, card numbers beyond their last four.

On demand also texts that are known, such as a setting's value or a customer's name, and any
e-mail address.

It reads bytes as they are, so it sees what a database file, a log or captured traffic holds,
deleted rows and all. Written apart from the product's own guard: one must not share the
other's mistakes.
"""

import io
import re
import sqlite3
import zipfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

_PATTERNS = {
    "secret key": re.compile(rb"(?<![A-Za-z0-9])[sr]k_(?:test|live)_[A-Za-z0-9_]{8,}"),
    "webhook secret": re.compile(rb"(?<![A-Za-z0-9])whsec_[A-Za-z0-9_+/=]{8,}"),
    "client secret": re.compile(rb"(?:pi|seti)_[A-Za-z0-9]+_secret_[A-Za-z0-9]+"),
}
_ADDRESS = re.compile(rb"[A-Za-z0-9._+\-]+(?:@|%40)[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+")
_SQLITE = b"SQLite format 3\x00"
_ZIP = b"PK\x03\x04"  # a workbook is one
# Thirteen to nineteen digits, with a gap of one character or of a percent-encoded space or
# plus between two of them; beside them no letter, digit, dot or underscore, which would make
# them part of an id, a fraction or a hexadecimal number.
_GAP = rb"(?:[ .\-]|%20|\+)?"
_NUMBER = re.compile(
    rb"(?<![A-Za-z0-9_.\-%])(?=([0-9](?:" + _GAP + rb"[0-9]){12,18})(?![A-Za-z0-9_]))"
)
_UUID = re.compile(rb"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_UUID_LENGTH = 36
_PREFIXES = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}"
    r"|3[47]\d{13}|6011\d{12}|64[4-9]\d{13}|65\d{14}|62\d{14,17}|35(?:2[89]|[3-8]\d)\d{12}"
    r"|3(?:0[0-5]|[68]\d)\d{11}(?:\d\d)?"
)


@dataclass(frozen=True)
class Finding:
    """Something that must not be there. `text` is itself cut short, for the test's report."""

    kind: str
    where: str
    text: str


def scan_bytes(
    content: bytes,
    where: str = "bytes",
    allowed: Collection[str] = (),
    *,
    literals: Collection[str] = (),
    addresses: bool = False,
) -> Iterator[Finding]:
    """Everything in `content` that must not be kept, except what is listed as allowed.

    `literals` must not be there either; with `addresses`, no e-mail address.
    """
    for literal in literals:
        if literal.encode() in content:
            yield Finding("known text", where, f"{literal[:10]}…")
    for match in _ADDRESS.finditer(content) if addresses else ():
        yield Finding("e-mail address", where, f"{match.group().decode()[:10]}…")
    for kind, pattern in _PATTERNS.items():
        for match in pattern.finditer(content):
            found = match.group().decode()
            if found not in allowed:
                yield Finding(kind, where, f"{found[:10]}…")
    # Blanked out, since in a database file the column before an id ends where the id begins.
    for match in _NUMBER.finditer(_UUID.sub(bytes(_UUID_LENGTH), content)):
        digits = re.sub(rb"%20|[^0-9]", b"", match.group(1)).decode()
        if digits not in allowed and is_card_number(digits):
            yield Finding("card number", where, f"…{digits[-4:]}")


def scan_files(
    paths: Iterable[Path],
    allowed: Collection[str] = (),
    *,
    literals: Collection[str] = (),
    addresses: bool = False,
) -> list[Finding]:
    """What `scan_bytes` finds in files, and in all files below folders."""
    found: list[Finding] = []
    for path in paths:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file():
                for content in _contents(file):
                    found += scan_bytes(
                        content, str(file), allowed, literals=literals, addresses=addresses
                    )
    return found


def _contents(file: Path) -> Iterator[bytes]:
    """A file's bytes; then a database's values, and what an archive holds."""
    content = file.read_bytes()
    yield content
    if content.startswith(_SQLITE):
        yield from _sqlite_values(file)
    elif content.startswith(_ZIP):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield archive.read(name)


def _sqlite_values(file: Path) -> Iterator[bytes]:
    """Each value in a line of its own: in the file neighbouring columns touch, and hide where
    one ends.
    """
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        connection.text_factory = bytes
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        for (table,) in tables.fetchall():
            rows = connection.execute(f'SELECT * FROM "{table.decode()}"')
            while some := rows.fetchmany(1_000):
                values = (value for row in some for value in row)
                yield b"\n".join(
                    value if isinstance(value, bytes) else str(value).encode() for value in values
                )


def is_card_number(digits: str) -> bool:
    """Whether a card scheme could have issued it."""
    if not _PREFIXES.fullmatch(digits):
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0

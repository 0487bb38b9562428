"""Writing a list into a file: all that its filter finds, newest first, while memory stays flat."""

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

from cardpay.domain.exports.exported_files import ExportKind, FileFormat
from cardpay.domain.money import Money
from cardpay.exports.list_files.csv_file import CsvFile
from cardpay.exports.list_files.parquet_file import ParquetFile
from cardpay.reporting.exported_lists.list_columns import Asked, Stretch
from cardpay.reporting.exported_lists.list_registry import LISTS, ExportedList, read_stretch
from cardpay.storage.database.engine import Store


class _File(Protocol):
    def write(self, stretch: Stretch) -> None:
        """Add the rows of a stretch."""

    def close(self) -> None:
        """The file is whole."""


def _xlsx_file(file: Path, listed: ExportedList, zone: ZoneInfo) -> _File:
    """Whoever exports no workbook does without its library."""
    from cardpay.exports.list_files.xlsx_file import XlsxFile

    return XlsxFile(file, listed, zone)


_FILES: Final[dict[FileFormat, Callable[[Path, ExportedList, ZoneInfo], _File]]] = {
    FileFormat.CSV: CsvFile,
    FileFormat.XLSX: _xlsx_file,
    FileFormat.PARQUET: ParquetFile,
}


@dataclass
class Written:
    """What a file has in it: how many of the list's objects, and sums of its amounts.

    `sums` are by column, then by currency (upper case), in minor units.
    """

    objects: int = 0
    sums: dict[str, dict[str, int]] = field(default_factory=dict)

    def totals(self, column: str) -> tuple[Money, ...]:
        """A column's sums, in order of currency."""
        found = self.sums.get(column, {})
        return tuple(Money(found[code], code.lower()) for code in sorted(found))

    def add(self, listed: ExportedList, stretch: Stretch) -> None:
        """Count a stretch."""
        self.objects += stretch.counted
        for name in listed.sums:
            sums = self.sums.setdefault(name, defaultdict(int))
            place = listed.column(name)
            currencies = stretch.columns[listed.column(listed.columns[place].currency)]
            for amount, code in zip(stretch.columns[place], currencies, strict=True):
                if amount is not None:
                    sums[code] += amount


def write_list(
    store: Store,
    kind: ExportKind,
    asked: Asked[Any],
    target: tuple[Path, FileFormat],
    *,
    zone: ZoneInfo,
    tell: Callable[[int], None] = lambda _: None,
    rest: float = 0.0,
) -> Written:
    """Write what the filter finds and the actor may see; `zone` is that of business days.

    `tell` is called after each stretch with the number of objects so far; what it raises ends the
    writing. `rest` is the share of the time that each stretch took that is left to others.
    Raises NotAllowed, CardDataRefused, SignedOut: then the file is of no use.
    """
    file, kind_of_file = target
    listed, written = LISTS[kind], Written()
    began = time.monotonic()
    stretch = read_stretch(store, kind, asked)
    out = _FILES[kind_of_file](file, listed, zone)
    try:
        while True:
            if stretch.rows:
                out.write(stretch)
                written.add(listed, stretch)
            tell(written.objects)
            if stretch.last is None:
                return written
            time.sleep((time.monotonic() - began) * rest)
            began = time.monotonic()
            stretch = read_stretch(store, kind, replace(asked, cursor=stretch.last))
    finally:
        out.close()

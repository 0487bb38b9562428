"""A list as CSV for spreadsheets: RFC 4180, with a byte order mark, by which Excel knows UTF-8.

Amounts are exact decimals with a point. What people typed never begins as a formula does (OWASP:
"CSV Injection").
"""

import csv
from collections.abc import Iterable, Sequence
from datetime import UTC
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from cardpay.exports.csv_cells import cell, is_formula_in
from cardpay.exports.list_files.cell_texts import amount_texts, clock_texts
from cardpay.reporting.exported_lists.list_columns import Column, ColumnType, Stretch
from cardpay.reporting.exported_lists.list_registry import ExportedList


class CsvFile:
    """The file while it is being written."""

    def __init__(self, file: Path, listed: ExportedList, zone: ZoneInfo) -> None:
        """Begin it with the names of the columns."""
        self._listed = listed
        self._zone = zone
        self._out = file.open("w", encoding="utf-8-sig", newline="")
        self._lines = csv.writer(self._out)  # quoted where needed, CRLF
        self._lines.writerow([column.name for column in listed.columns])

    def write(self, stretch: Stretch) -> None:
        """Add the rows of a stretch."""
        columns = (
            self._texts(column, values, stretch)
            for column, values in zip(self._listed.columns, stretch.columns, strict=True)
        )
        self._lines.writerows(zip(*columns, strict=True))

    def close(self) -> None:
        """The file is whole."""
        self._out.close()

    def _texts(self, column: Column, values: Sequence[Any], stretch: Stretch) -> Iterable[Any]:
        match column.type:
            case ColumnType.AMOUNT:
                currencies = stretch.columns[self._listed.column(column.currency)]
                return amount_texts(values, currencies)
            case ColumnType.TIME:
                return clock_texts(values, self._zone)
            case ColumnType.UTC_TIME:
                return clock_texts(values, UTC)
            case ColumnType.DAY:
                return [day and day.isoformat() for day in values]
            case ColumnType.NUMBER | ColumnType.RATE:
                return values
        texts = [text or "" for text in values]
        # One look at all of them: hardly ever has one to be made harmless.
        return [cell(text) for text in texts] if is_formula_in(texts) else texts

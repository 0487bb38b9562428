"""A list as a workbook for Excel: texts as texts, real numbers and real dates.

A header that stays in place and filters; as many sheets as Excel's limit of rows makes of it.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name

from cardpay.domain.money import shown_decimals
from cardpay.exports.list_files.cell_texts import amount_texts
from cardpay.exports.list_files.xlsx_sheet import Sheet
from cardpay.reporting.exported_lists.list_columns import Column, ColumnType, Stretch
from cardpay.reporting.exported_lists.list_registry import ExportedList

SHEET_ROWS: Final = 1_048_576
"""How many rows a sheet holds, the header included (Excel specifications and limits)."""

# Excel counts days from here (for dates after February 1900), and time as a part of a day.
_DAY_ZERO: Final = date(1899, 12, 30).toordinal()
_DAY_SECONDS: Final = 86_400
_WIDTHS: Final = {
    ColumnType.AMOUNT: 14,
    ColumnType.NUMBER: 10,
    ColumnType.RATE: 14,
    ColumnType.TIME: 20,
    ColumnType.UTC_TIME: 20,
    ColumnType.DAY: 12,
}
_NARROWEST: Final = 10
_WIDEST: Final = 42
_FORMATS: Final = {
    ColumnType.TEXT: "@",
    ColumnType.NUMBER: "0",
    ColumnType.RATE: "0.########",
    ColumnType.TIME: "yyyy-mm-dd hh:mm:ss",
    ColumnType.UTC_TIME: "yyyy-mm-dd hh:mm:ss",
    ColumnType.DAY: "yyyy-mm-dd",
}


class XlsxFile:
    """The file while it is being written."""

    def __init__(self, file: Path, listed: ExportedList, zone: ZoneInfo) -> None:
        """Begin it."""
        self._listed = listed
        self._zone = zone
        self._book = Workbook(str(file), {"constant_memory": True, "tmpdir": str(file.parent)})
        self._header = self._book.add_format({"bold": True, "bottom": 1})
        self._styles = {kind: self._style(words) for kind, words in _FORMATS.items()}
        self._amounts: dict[int, str] = {}
        self._widths = [
            max(len(column.name) + 4, _WIDTHS.get(column.type, _NARROWEST))
            for column in listed.columns
        ]
        self._letters = [xl_col_to_name(place) for place in range(len(listed.columns))]
        self._sheets: list[Sheet] = []
        self._next_row = SHEET_ROWS

    def write(self, stretch: Stretch) -> None:
        """Add the rows of a stretch."""
        if not self._sheets:
            self._fit(stretch)
        cells = [
            self._cells(column, values, stretch)
            for column, values in zip(self._listed.columns, stretch.columns, strict=True)
        ]
        rows = [*zip(*cells, strict=True)]
        while rows:
            if self._next_row == SHEET_ROWS:
                self._begin_sheet()
            fitting, rows = (
                rows[: SHEET_ROWS - self._next_row],
                rows[SHEET_ROWS - self._next_row :],
            )
            self._sheets[-1].add_rows(self._next_row, self._letters, fitting)
            self._next_row += len(fitting)

    def close(self) -> None:
        """The file is whole."""
        if not self._sheets:
            self._begin_sheet()
        self._end_sheet()
        self._book.close()

    def _fit(self, stretch: Stretch) -> None:
        """Widths that fit what comes first."""
        for place, (column, values) in enumerate(
            zip(self._listed.columns, stretch.columns, strict=True)
        ):
            if column.type is ColumnType.TEXT:
                longest = max((len(text) for text in values if text), default=0)
                self._widths[place] = max(self._widths[place], min(longest + 2, _WIDEST))

    def _begin_sheet(self) -> None:
        if self._sheets:
            self._end_sheet()
        number = len(self._sheets) + 1
        title = self._listed.title if number == 1 else f"{self._listed.title} {number}"
        sheet: Sheet = self._book.add_worksheet(title, Sheet)
        for place, (column, width) in enumerate(
            zip(self._listed.columns, self._widths, strict=True)
        ):
            sheet.set_column(place, place, width)
            sheet.write_string(0, place, column.name, self._header)
        sheet.freeze_panes(1, 0)
        # Ids and references of digits alone are texts on purpose: no green corners for them.
        sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{SHEET_ROWS}"})
        self._sheets.append(sheet)
        self._next_row = 1

    def _end_sheet(self) -> None:
        last = max(self._next_row - 1, 1)
        self._sheets[-1].autofilter(0, 0, last, len(self._listed.columns) - 1)

    def _cells(self, column: Column, values: Sequence[Any], stretch: Stretch) -> list[str]:
        """Each value as a cell of the sheet from behind the row's number; empty for none."""
        if column.type is ColumnType.AMOUNT:
            currencies = stretch.columns[self._listed.column(column.currency)]
            styles = {code: self._amount_style(code) for code in {*currencies} if code}
            return [
                "" if text is None else f'" s="{styles[code]}"><v>{text}</v></c>'
                for text, code in zip(amount_texts(values, currencies), currencies, strict=True)
            ]
        style = self._styles[column.type]
        if column.type is ColumnType.TEXT:
            return [
                text
                and f'" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
                for text in Sheet.escaped(values)
            ]
        if column.type in {ColumnType.TIME, ColumnType.UTC_TIME}:
            zone = self._zone if column.type is ColumnType.TIME else UTC
            values = [at and _serial(at, zone) for at in values]
        elif column.type is ColumnType.DAY:
            values = [day and day.toordinal() - _DAY_ZERO for day in values]
        return ["" if value is None else f'" s="{style}"><v>{value}</v></c>' for value in values]

    def _amount_style(self, currency: str) -> str:
        """The style of amounts in a currency."""
        places = shown_decimals(currency)
        if places not in self._amounts:
            self._amounts[places] = self._style(f"#,##0{'.' if places else ''}{'0' * places}")
        return self._amounts[places]

    def _style(self, number_format: str) -> str:
        """The number of a new style, as cells name it."""
        made = self._book.add_format({"num_format": number_format})
        return str(made._get_xf_index())  # noqa: SLF001 - no public name for it


def _serial(at: datetime, zone: tzinfo) -> float:
    """What a clock in the zone shows, as Excel counts it."""
    here = at.astimezone(zone)
    seconds = here.hour * 3_600 + here.minute * 60 + here.second
    return here.toordinal() - _DAY_ZERO + seconds / _DAY_SECONDS

"""Lists written into files and read back, as whoever gets one would."""

import csv
import io
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pyarrow as pa
from pyarrow import parquet

from cardpay.domain.access.actor import Actor
from cardpay.domain.business_days import ALL_DAYS
from cardpay.domain.exports.exported_files import ExportKind, FileFormat
from cardpay.exports.list_files.write_list import Written, write_list
from cardpay.reporting.exported_lists.exported_filters import filter_of
from cardpay.reporting.exported_lists.list_columns import STRETCH, Asked
from tests.integration.payment_books import START, Books
from tests.support.desks.worlds import ANALYST

NOW = START + timedelta(days=30)


def write(
    books: Books,
    file: Path,
    kind: ExportKind = ExportKind.PAYMENTS,
    chosen: Any = None,
    *,
    zone: str = "UTC",
    actor: Actor = ANALYST,
    stretch: int = STRETCH,
) -> Written:
    """A file in the format of its ending."""
    at = ZoneInfo(zone)
    wanted = filter_of(kind, ALL_DAYS, ()) if chosen is None else chosen
    asked = Asked(actor, wanted, at, NOW, limit=stretch)
    target = (file, FileFormat(file.suffix.removeprefix(".")))
    return write_list(books.store, kind, asked, target, zone=at)


def csv_rows(file: Path) -> list[dict[str, str]]:
    """What a reader of the file sees, a dict a row."""
    content = file.read_bytes()
    assert content.startswith("\ufeff".encode())
    assert content.endswith(b"\r\n")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def xlsx_cells(file: Path) -> list[dict[str, Any]]:
    """The cells of the first sheet, a dict a row."""
    sheet = openpyxl.load_workbook(file).worksheets[0]
    names = [cell.value for cell in sheet[1]]
    return [dict(zip(names, row, strict=True)) for row in sheet.iter_rows(min_row=2)]


def parquet_table(file: Path) -> pa.Table:
    """The whole table."""
    return parquet.read_table(file)

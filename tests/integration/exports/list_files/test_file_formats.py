"""The three formats: types, dates, amounts, alphabets and inert formulas, read back by others."""

import zipfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow as pa
import pytest
from openpyxl.utils.escape import unescape
from pyarrow import parquet

from cardpay.domain.exports.exported_files import ExportKind
from cardpay.exports.list_files import parquet_file, xlsx_file
from cardpay.storage.schema.tables import CustomerDetail
from tests.integration.exports.list_files.written_files import (
    csv_rows,
    parquet_table,
    write,
    xlsx_cells,
)
from tests.integration.payment_books import COUNT, START, Books

pytestmark = pytest.mark.one_database

AMOUNTS = [("gbp", 123_456), ("jpy", 18_000), ("kwd", 45_500), ("isk", 500), ("usd", -1)]
TEXTS = [
    "=HYPERLINK(1)",
    "+441",
    "-1",
    "@SUM(A1)",
    "\t=1",
    " =1",
    "＝1",
    "Part;=1",
    'say "=1", twice',
    "a,b\nc",
    "000123",
    "1E5",
    "12:30",
    "TRUE",
    "<r><t>bold</t></r>",
    "a < b & c > d",
    "_x0041_",
    " spaces at both ends  ",
    "Zoë 山田 🙂 שלום مرحبا",
    "bell \x07 here",
    "http://desk.example.com",
]
HARMLESS = {
    "=HYPERLINK(1)": "'=HYPERLINK(1)",
    "+441": "'+441",
    "-1": "'-1",
    "@SUM(A1)": "'@SUM(A1)",
    "\t=1": "'\t'=1",
    " =1": "' =1",
    "＝1": "'＝1",
    "Part;=1": "Part;'=1",
}


@pytest.fixture
def filled(books: Books) -> Books:
    """Five payments in five currencies, paid; newest last."""
    for number, (currency, amount_minor) in enumerate(AMOUNTS):
        books.add(
            1_000 + number,
            currency=currency,
            amount_minor=amount_minor,
            succeeded_at=START + timedelta(days=31, microseconds=7),
        )
    return books


def test_csv_by_pandas(filled: Books, tmp_path: Path) -> None:
    """Numbers are numbers, times times; texts of digits stay texts when they are asked for so."""
    write(filled, tmp_path / "one.csv", zone="Europe/London")
    frame = pd.read_csv(
        tmp_path / "one.csv", dtype={"Last four": "str"}, parse_dates=["Time", "Paid at"]
    )
    assert len(frame) == COUNT + len(AMOUNTS)
    newest = frame.iloc[: len(AMOUNTS)]
    assert [*newest["Amount"]] == [-0.01, 5.0, 45.5, 18_000.0, 1_234.56]
    assert {*newest["Paid at"]} == {pd.Timestamp("2024-03-31 10:00:00")}  # summer since that night
    assert frame["Last four"].iloc[len(AMOUNTS)] == f"{(COUNT - 1) % 50:04}"


def test_xlsx_has_real_numbers_and_dates(filled: Books, tmp_path: Path) -> None:
    """Each amount with its currency's decimals."""
    write(filled, tmp_path / "one.xlsx", zone="Europe/London")
    newest = xlsx_cells(tmp_path / "one.xlsx")[: len(AMOUNTS)]
    assert [(row["Amount"].value, row["Amount"].number_format) for row in newest] == [
        (-0.01, "#,##0.00"),
        (5, "#,##0"),
        (45.5, "#,##0.000"),
        (18_000, "#,##0"),
        (1_234.56, "#,##0.00"),
    ]
    assert newest[0]["Paid at"].value == datetime(2024, 3, 31, 10)  # noqa: DTZ001 - a clock's
    assert newest[0]["Paid at"].is_date
    assert newest[0]["Time (UTC)"].value == datetime(2024, 3, 1, 1, 44)  # noqa: DTZ001
    assert newest[0]["Fee"].value is None
    assert (newest[0]["Quantity"].value, newest[0]["Quantity"].data_type) == (1, "n")
    assert newest[0]["Currency"].data_type in {"s", "inlineStr"}


def test_xlsx_is_ready_to_use(filled: Books, tmp_path: Path) -> None:
    """The header stays and filters, columns are as wide as what is in them."""
    write(filled, tmp_path / "one.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "one.xlsx").worksheets[0]
    assert (sheet.title, sheet.freeze_panes) == ("Payments", "A2")
    assert sheet.auto_filter.ref == f"A1:AA{COUNT + len(AMOUNTS) + 1}"
    assert sheet.dimensions == f"A1:AA{COUNT + len(AMOUNTS) + 1}"
    widths = {cell.value: sheet.column_dimensions[cell.column_letter].width for cell in sheet[1]}
    assert widths["Time"] >= len("2024-03-01 01:44:00")
    assert widths["Email"] >= len("c00@example.com")
    assert all(width >= len(str(name)) for name, width in widths.items())


@pytest.mark.parametrize("limit", [11, 100, COUNT + 1])
def test_xlsx_goes_on_in_further_sheets(
    unchanged_books: Books, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    """At Excel's limit, with the header again; nothing is lost, and nothing twice."""
    monkeypatch.setattr(xlsx_file, "SHEET_ROWS", limit)
    write(unchanged_books, tmp_path / "one.xlsx", stretch=37)
    book = openpyxl.load_workbook(tmp_path / "one.xlsx")
    assert len(book.worksheets) == -(-COUNT // (limit - 1))
    found: list[Any] = []
    for sheet in book.worksheets:
        names = [cell.value for cell in sheet[1]]
        assert sheet.max_row <= limit
        assert sheet.auto_filter.ref == f"A1:AA{sheet.max_row}"
        place = names.index("Payment")
        found += [row[place] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert found == list(unchanged_books.newest_first)


def test_parquet_has_decimals_and_zones(filled: Books, tmp_path: Path) -> None:
    """As pandas and others read them, to the microsecond."""
    write(filled, tmp_path / "one.parquet", zone="Europe/London")
    table = parquet_table(tmp_path / "one.parquet")
    schema = table.schema
    assert schema.field("Amount").type == pa.decimal128(19, 3)
    assert schema.field("Time").type == pa.timestamp("us", "Europe/London")
    assert schema.field("Time (UTC)").type == pa.timestamp("us", "UTC")
    assert schema.field("Quantity").type == pa.int64()
    assert table["Amount"].to_pylist()[: len(AMOUNTS)] == [
        Decimal("-0.010"),
        Decimal("5.000"),
        Decimal("45.500"),
        Decimal("18000.000"),
        Decimal("1234.560"),
    ]
    assert table["Fee"].null_count == len(table)
    paid_at = table["Paid at"].to_pylist()[0]
    assert paid_at == (START + timedelta(days=31, microseconds=7)).astimezone(UTC)
    assert f"{paid_at:%H:%M}" == "10:00"
    assert len(table.to_pandas()) == COUNT + len(AMOUNTS)


def test_parquet_is_written_in_groups(
    unchanged_books: Books, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that neither who writes nor who reads holds all of it."""
    monkeypatch.setattr(parquet_file, "_ROW_GROUP", 100)
    write(unchanged_books, tmp_path / "one.parquet", stretch=50)
    found = parquet.ParquetFile(tmp_path / "one.parquet").metadata
    assert [found.row_group(nth).num_rows for nth in range(found.num_row_groups)] == [100, 100, 40]


@pytest.mark.sampled(3)
@pytest.mark.parametrize("text", TEXTS)
def test_texts_come_through(books: Books, tmp_path: Path, text: str) -> None:
    """Whoever typed them: no formula, no markup, no number; a card's digits stay digits."""
    added = books.add(900, order_reference=text, product_name=text)
    with books.store.transaction() as session:
        session.add(CustomerDetail(payment_id=added, name=text, email=text, created_at=START))
    fields = ("Order reference", "Product", "Customer", "Email")
    for ending in ("csv", "xlsx", "parquet"):
        write(books, tmp_path / f"one.{ending}")
    row = csv_rows(tmp_path / "one.csv")[0]
    assert [row[name] for name in fields] == [HARMLESS.get(text, text)] * 4
    cells = xlsx_cells(tmp_path / "one.xlsx")[0]
    assert [unescape(cells[name].value) for name in fields] == [text] * 4  # as Excel does
    assert {cells[name].data_type for name in fields} == {"s"}
    assert {cells[name].hyperlink for name in fields} == {None}
    table = parquet_table(tmp_path / "one.parquet")
    assert [table[name][0].as_py() for name in fields] == [text] * 4


def test_an_empty_list_is_a_file_with_its_columns(books: Books, tmp_path: Path) -> None:
    """In every format."""
    for ending in ("csv", "xlsx", "parquet"):
        assert write(books, tmp_path / f"one.{ending}", ExportKind.PAYOUTS).objects == 0
    names = (tmp_path / "one.csv").read_text("utf-8-sig").splitlines()[0].split(",")
    assert parquet_table(tmp_path / "one.parquet").column_names == names
    sheet = openpyxl.load_workbook(tmp_path / "one.xlsx").worksheets[0]
    assert [cell.value for cell in sheet[1]] == names
    assert names[2] == "Arrives on"


def test_nothing_is_left_beside_a_file(unchanged_books: Books, tmp_path: Path) -> None:
    """What XlsxWriter keeps rows in meanwhile lies beside the file, not where others may look."""
    write(unchanged_books, tmp_path / "one.xlsx")
    assert [file.name for file in tmp_path.iterdir()] == ["one.xlsx"]
    with zipfile.ZipFile(tmp_path / "one.xlsx") as packed:
        assert packed.testzip() is None

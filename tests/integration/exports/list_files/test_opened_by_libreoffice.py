"""Exports as LibreOffice Calc opens them: types, dates, amounts, alphabets, inert formulas.

What Calc made of a file is read from a flat ODF document that it is asked to save.
"""

import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from cardpay.storage.schema.tables import CustomerDetail
from tests.integration.exports.list_files.test_file_formats import AMOUNTS, HARMLESS, TEXTS
from tests.integration.exports.list_files.written_files import write
from tests.integration.payment_books import COUNT, START, Books

pytestmark = [pytest.mark.full, pytest.mark.one_database]

_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
_TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
# Commas, quotes, UTF-8, from the first line, as its dialog proposes for such a file.
_CSV = "CSV:44,34,76,1"
# XML has no such character.
_KEPT = [text for text in TEXTS if "\x07" not in text]

_Cell = tuple[str, str]
"""A cell's type as ODF names it (string, float, date; empty), and its value or its text."""


@pytest.fixture
def filled(books: Books) -> Books:
    """Payments in five currencies, and one for each odd text."""
    for number, (currency, amount_minor) in enumerate(AMOUNTS):
        paid_at = START + timedelta(days=31)
        books.add(1_000 + number, currency=currency, amount_minor=amount_minor,
                  succeeded_at=paid_at)  # fmt: skip
    for number, text in enumerate(_KEPT):
        added = books.add(2_000 + number, order_reference=text)
        with books.store.transaction() as session:
            session.add(CustomerDetail(payment_id=added, name=text, created_at=START))
    return books


def _opened(file: Path) -> list[dict[str, _Cell]]:
    """The first sheet as Calc has it, a dict a row, by the header's names."""
    office = shutil.which("soffice")
    assert office, "LibreOffice Calc is missing: tests/run.sh installs it"
    home, out = file.parent / "office-home", file.parent / "opened"
    how = ["--infilter=" + _CSV] if file.suffix == ".csv" else []
    called = f"-env:UserInstallation=file://{home} --headless --norestore --convert-to fods"
    done = subprocess.run(
        [office, *called.split(), *how, "--outdir", str(out), str(file)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    book = ET.parse(out / f"{file.stem}.fods").getroot()
    table = next(book.iter(f"{{{_TABLE}}}table"))
    assert not [one for one in table.iter() if f"{{{_TABLE}}}formula" in one.attrib]
    assert not [*table.iter(f"{{{_TEXT}}}a")]  # no text became a link
    header, *rows = [_cells(row) for row in table.iter(f"{{{_TABLE}}}table-row")]
    names = [text for _, text in header if text]
    return [dict(zip(names, row, strict=False)) for row in rows if row and row[0][0]]


def _cells(row: ET.Element) -> list[_Cell]:
    found: list[_Cell] = []
    for cell in row.iter(f"{{{_TABLE}}}table-cell"):
        kind = cell.get(f"{{{_OFFICE}}}value-type", "")
        value = cell.get(f"{{{_OFFICE}}}value") or cell.get(f"{{{_OFFICE}}}date-value")
        text = "\n".join(_text(one) for one in cell.iter(f"{{{_TEXT}}}p"))
        times = int(cell.get(f"{{{_TABLE}}}number-columns-repeated", "1"))
        found += [(kind, value or text)] * min(times, 100)
    return found


def _text(paragraph: ET.Element) -> str:
    """Its characters; ODF writes spaces beside spaces, and tabs, as elements."""
    said = paragraph.text or ""
    for one in paragraph:
        if one.tag == f"{{{_TEXT}}}s":
            said += " " * int(one.get(f"{{{_TEXT}}}c", "1"))
        elif one.tag == f"{{{_TEXT}}}tab":
            said += "\t"
        else:
            said += _text(one)
        said += one.tail or ""
    return said


def test_xlsx(filled: Books, tmp_path: Path) -> None:
    """Texts are texts, amounts numbers with the currency's decimals, times dates."""
    write(filled, tmp_path / "one.xlsx", zone="Europe/London")
    rows = _opened(tmp_path / "one.xlsx")
    assert len(rows) == COUNT + len(AMOUNTS) + len(_KEPT)
    texts = {row["Order reference"] for row in rows[: len(_KEPT)]}
    assert texts == {("string", text) for text in _KEPT}
    paid = rows[len(_KEPT) : len(_KEPT) + len(AMOUNTS)]
    assert [row["Amount"] for row in paid] == [
        ("float", "-0.01"),
        ("float", "5"),
        ("float", "45.5"),
        ("float", "18000"),
        ("float", "1234.56"),
    ]
    assert [row["Currency"][1] for row in paid] == ["USD", "ISK", "KWD", "JPY", "GBP"]
    assert {row["Paid at"] for row in paid} == {("date", "2024-03-31T10:00:00")}
    assert rows[-1]["Last four"] == ("string", "0000")


def test_csv(filled: Books, tmp_path: Path) -> None:
    """No formula comes to life, and no alphabet is lost; numbers and times are found."""
    write(filled, tmp_path / "one.csv", zone="Europe/London")
    rows = _opened(tmp_path / "one.csv")
    assert len(rows) == COUNT + len(AMOUNTS) + len(_KEPT)
    texts = [row["Order reference"][1] for row in rows[: len(_KEPT)]]
    for text in ("Zoë 山田 🙂 שלום مرحبا", 'say "=1", twice', *HARMLESS):
        assert HARMLESS.get(text, text) in texts
    paid = rows[len(_KEPT) : len(_KEPT) + len(AMOUNTS)]
    assert [float(row["Amount"][1]) for row in paid] == [-0.01, 5, 45.5, 18_000, 1_234.56]
    assert {row["Amount"][0] for row in paid} == {"float"}
    assert {row["Paid at"] for row in paid} == {("date", "2024-03-31T10:00:00")}

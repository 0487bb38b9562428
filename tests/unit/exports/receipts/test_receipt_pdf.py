"""The PDF, read with another library than it is written with."""

import io
import logging
from dataclasses import replace

import pytest
from pypdf import PdfReader

from cardpay.domain.receipt import ReceiptLine
from cardpay.exports.receipts.receipt_fonts import fonts_for
from cardpay.exports.receipts.receipt_pdf import receipt_pdf
from cardpay.exports.receipts.receipt_sheet import sheet
from tests.unit.exports.receipts.drawn_receipts import (
    COMPANY,
    GIVEN_BACK,
    LONDON,
    RECEIPT,
    REFUND,
    drawn,
    logo,
    pages_of,
    pounds,
)

A4_POINTS = (595, 842)
# Names as callers have them; each needs a font besides that of Latin, Greek and Cyrillic.
OTHER_ALPHABETS = {
    "Arabic": "محمد",
    "Hebrew": "קבלה",
    "Chinese": "收据收據",
    "Japanese": "レシート東京",
    "Korean": "영수증",
    "Thai": "ใบเสร็จ",
    "Hindi": "रसीद",
    "Bengali": "রসিদ",
    "Tamil": "ரசீது",
    "Armenian": "Անդրանիկ",
    "Georgian": "ქვითარი",
    "Amharic": "ደረሰኝ",
    "Khmer": "បង្កាន់ដៃ",
    "Burmese": "ပြေစာ",
}


@pytest.mark.parametrize("receipt", [RECEIPT, REFUND], ids=["payment", "refund"])
def test_it_says_all_that_the_sheet_says(receipt: object) -> None:
    """On one page of A4."""
    assert receipt in (RECEIPT, REFUND)
    words = sheet(RECEIPT if receipt is RECEIPT else REFUND, LONDON)
    (page,) = pages_of(words)
    said = [text for text in words.texts() if text]
    assert [text for text in said if " ".join(text.split()) not in page] == []
    assert "Page 1 of 1" in page
    box = PdfReader(io.BytesIO(receipt_pdf(words))).pages[0].mediabox
    assert (round(box.width), round(box.height)) == A4_POINTS


def test_many_lines_go_over_several_pages() -> None:
    """Each with its headings, and with which page of how many it is."""
    lines = tuple(
        ReceiptLine(f"Part {number}", 1, pounds(100), pounds(100)) for number in range(52)
    )
    pages = pages_of(drawn(lines=lines, refunds=(GIVEN_BACK,)))
    assert len(pages) > 2
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in page
    assert all("Product" in page and "Amount, GBP" in page for page in pages[:-1])
    whole = " ".join(pages)
    assert [line.name for line in lines if f"{line.name} " not in whole] == []
    assert "Left after refunds" in pages[-1]


def test_no_text_runs_into_another_font_on_a_new_page() -> None:
    """Letters that are shifted, as in Khmer, are written inside a bracket of their own."""
    lines = (ReceiptLine("ខ្មែរ", 7, pounds(100), pounds(100)),) * 24
    pages = pages_of(drawn(lines=lines))
    assert len(pages) > 1
    assert sum(page.count("7 £1.00 £1.00") for page in pages) == len(lines)


@pytest.mark.parametrize(
    "name", ["Ærø Straße", "Ελληνικά", "Русский Щё", "Tiếng Việt ốặ", "Žluťoučký"]
)
def test_latin_greek_and_cyrillic_need_no_other_font(name: str) -> None:
    """They are letter for letter in the file."""
    assert fonts_for([name]) == []
    (page,) = pages_of(drawn(customer_name=name))
    assert name in page


@pytest.mark.sampled(2)
@pytest.mark.parametrize("name", OTHER_ALPHABETS.values(), ids=OTHER_ALPHABETS)
def test_other_alphabets_have_a_font(name: str) -> None:
    """It is in the file, with the letters that are used."""
    (font,) = fonts_for([name])
    made = receipt_pdf(drawn(customer_name=name))
    fonts = PdfReader(io.BytesIO(made)).pages[0]["/Resources"]["/Font"]  # type: ignore[index]
    names = {str(one.get_object()["/BaseFont"]) for one in fonts.values()}
    assert any(font.stem.partition("-")[0] in name for name in names)
    assert len(made) < 200_000  # a whole font has megabytes


@pytest.mark.sampled(2)
@pytest.mark.parametrize("name", ["收据", "レシート", "영수증", "ქვითარი", "ደረሰኝ"])
def test_letters_that_stand_alone_can_be_read_again(name: str) -> None:
    """Search and copy find them, as a screen reader does."""
    (page,) = pages_of(drawn(customer_name=name))
    assert name in page


def test_what_no_font_has_stops_no_receipt(caplog: pytest.LogCaptureFixture) -> None:
    """And no library writes a customer's letters into the log."""
    caplog.set_level(logging.DEBUG)
    (page,) = pages_of(drawn(customer_name="One 🙂 \U000e0041 Two"))
    assert "Two" in page
    assert [kept for kept in caplog.records if kept.name.startswith(("fpdf", "fontTools"))] == []


@pytest.mark.parametrize(("width", "named"), [(100, 2), (400, 1)], ids=["mark", "with the name"])
def test_a_logo_is_grey_and_stands_for_the_name_if_it_is_wide(width: int, named: int) -> None:
    """The letterhead has the name in any case."""
    company = replace(COMPANY, name="Rowan", logo=logo(width, 100))
    made = receipt_pdf(drawn(company=company))
    (page,) = PdfReader(io.BytesIO(made)).pages
    (image,) = page.images
    assert image.image is not None
    assert image.image.convert("RGB").getpixel((5, 5)) == (60, 60, 60)
    assert page.extract_text().count("Rowan") == named


def test_the_same_receipt_is_the_same_file() -> None:
    """Whoever compares two copies sees that nothing was changed."""
    assert receipt_pdf(drawn()) == receipt_pdf(drawn())

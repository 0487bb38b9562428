"""A receipt to draw, and what is read of the drawing."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from PIL import Image
from pypdf import PdfReader

from cardpay.domain.company import Company
from cardpay.domain.money import Money
from cardpay.domain.receipt import Receipt, ReceiptLine, ReceiptRefund
from cardpay.exports.receipts.receipt_pdf import receipt_pdf
from cardpay.exports.receipts.receipt_sheet import Sheet, sheet

LONDON = ZoneInfo("Europe/London")
COMPANY = Company(
    "Sample Company", ("Street 1", "Town"), "VAT 1", "0113 496 0123", "hello@example.com"
)


def pounds(minor: int) -> Money:
    """An amount in pence."""
    return Money(minor, "gbp")


RECEIPT = Receipt(
    number="R-1A2B-3C4D-5E6F",
    refund_of=None,
    company=COMPANY,
    livemode=True,
    order_reference="SO-1",
    at=datetime(2026, 7, 1, 13, 3, tzinfo=UTC),
    customer_name="Customer One",
    customer_email="one@example.com",
    method="Visa •••• 4242",
    is_card=True,
    taken_by="Person One",
    lines=(ReceiptLine("Boiler service", 2, pounds(12_000), pounds(24_000)),),
    taxes=(),
    ordered=pounds(24_000),
    total=pounds(24_000),
    refunds=(),
    payment_intent_id="pi_1",
)
REFUND = replace(
    RECEIPT,
    number="R-1A2B-3C4D-5E6F-77AA",
    refund_of=RECEIPT.number,
    lines=(),
    total=pounds(2_000),
)
GIVEN_BACK = ReceiptRefund("refund-1", REFUND.number, REFUND.at, pounds(2_000))


def drawn(**changes: Any) -> Sheet:
    """The receipt in words, with something else on it."""
    return sheet(replace(RECEIPT, **changes), LONDON)


def pages_of(receipt: Sheet) -> list[str]:
    """The text of each page of the PDF, with single spaces."""
    reader = PdfReader(io.BytesIO(receipt_pdf(receipt)))
    return [" ".join(page.extract_text().split()) for page in reader.pages]


def logo(width: int, height: int) -> bytes:
    """A red PNG file."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), (200, 0, 0)).save(file, "PNG")
    return file.getvalue()

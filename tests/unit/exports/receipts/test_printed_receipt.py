"""The page to print: the sheet's words and nothing else, and no text becomes HTML or CSS."""

import re
from dataclasses import replace
from html import unescape

import pytest

from cardpay.domain.receipt import Receipt
from cardpay.exports.receipts.printed_receipt import printed_receipt
from cardpay.exports.receipts.receipt_sheet import sheet
from tests.unit.exports.receipts.drawn_receipts import (
    COMPANY,
    GIVEN_BACK,
    LONDON,
    RECEIPT,
    REFUND,
    drawn,
    logo,
)


@pytest.mark.parametrize("receipt", [replace(RECEIPT, refunds=(GIVEN_BACK,)), REFUND])
def test_it_says_all_that_the_sheet_says(receipt: Receipt) -> None:
    """The PDF is made of the same."""
    words = sheet(receipt, LONDON)
    page = unescape(printed_receipt(words))
    assert [text for text in words.texts() if text not in page] == []
    assert 'counter(page) " of " counter(pages)' in page
    assert "<script" not in page


def test_what_somebody_typed_is_text() -> None:
    """A customer's name is no tag, and a payment's id no style."""
    nasty = '<script>x</script>"&'
    page = printed_receipt(
        drawn(customer_name=nasty, order_reference=nasty, payment_intent_id='x"; } body { color')
    )
    assert "<script>" not in page
    assert page.count("&lt;script&gt;x") == 2
    assert "body { color: red" not in page
    assert 'x"; }' not in page


def test_the_logo_is_in_the_page() -> None:
    """So that no other request could miss it."""
    page = printed_receipt(drawn(company=replace(COMPANY, logo=logo(10, 10))))
    assert re.search(r'src="data:image/png;base64,[A-Za-z0-9+/=]+"', page)
    assert "grayscale(1)" in page

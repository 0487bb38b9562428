"""What stands on a receipt."""

from dataclasses import replace

from cardpay.domain.company import Company
from cardpay.domain.money import Money
from cardpay.domain.receipt import ReceiptLine, ReceiptTax
from cardpay.exports.receipts.receipt_sheet import Sum, sheet
from tests.unit.exports.receipts.drawn_receipts import (
    GIVEN_BACK,
    LONDON,
    RECEIPT,
    REFUND,
    drawn,
    pounds,
)


def test_the_receipt_of_a_payment() -> None:
    """Who sold what to whom, and what was paid with."""
    found = sheet(RECEIPT, LONDON)
    assert found.title == "Receipt"
    assert found.letterhead == (
        "Sample Company",
        "Street 1",
        "Town",
        "0113 496 0123 · hello@example.com",
        "VAT 1",
    )
    assert dict(found.facts) == {
        "Receipt number": ("R-1A2B-3C4D-5E6F",),
        "Order": ("SO-1",),
        "Paid": ("1 July 2026, 14:03 BST",),
        "Paid by": ("Customer One", "one@example.com"),
        "Card": ("Visa ending 4242",),
        "Taken by": ("Person One",),
    }
    assert found.headings == ("Product", "Quantity", "Price", "Amount, GBP")
    assert found.rows == (("Boiler service", "2", "£120.00", "£240.00"),)
    assert found.sums == ()
    assert found.total == Sum("Total paid", "£240.00\N{NO-BREAK SPACE}GBP")
    assert found.warning == ""
    assert found.closing == (
        "Paid in full. Questions about this receipt? Call 0113 496 0123 or write to "
        "hello@example.com and give the receipt number."
    )


def test_the_receipt_of_a_refund_names_the_first_one() -> None:
    """It says what went back, and to where."""
    found = sheet(REFUND, LONDON)
    facts = dict(found.facts)
    assert found.title == "Refund receipt"
    assert facts["Refund of receipt"] == ("R-1A2B-3C4D-5E6F",)
    assert facts["Refunded to"] == ("Visa ending 4242",)
    assert found.rows == (("Refund of order SO-1", "£20.00"),)
    assert found.total == Sum("Total refunded", "£20.00\N{NO-BREAK SPACE}GBP")
    assert found.closing.startswith("A refund takes 5–10 days to reach the card.")


def test_a_part_and_refunds_are_reckoned_on_the_receipt() -> None:
    """From the order to what was taken, and to what is left of it."""
    found = drawn(total=pounds(20_000), refunds=(GIVEN_BACK,))
    assert found.sums == (Sum("Order", "£240.00"), Sum("Not charged", "−£40.00"))
    assert found.total.amount.startswith("£200.00")
    assert found.after == (
        Sum("Refunded 1 July 2026", "−£20.00"),
        Sum("Left after refunds", "£180.00"),
    )
    assert "Paid in full" not in found.closing


def test_tax_stands_beside_each_line_and_in_the_sums() -> None:
    """The room for it is there."""
    found = drawn(
        lines=(replace(RECEIPT.lines[0], tax="20%"),),
        taxes=(ReceiptTax("VAT 20%", pounds(4_000)),),
    )
    assert found.headings == ("Product", "Quantity", "Price", "Tax", "Amount, GBP")
    assert found.rows[0][3] == "20%"
    assert found.sums == (Sum("Without tax", "£200.00"), Sum("VAT 20%", "£40.00"))


def test_what_is_not_known_is_left_out() -> None:
    """An erased customer, an imported payment, a desk without settings."""
    found = drawn(
        customer_name="",
        customer_email="",
        taken_by="",
        method="",
        payment_intent_id="",
        company=Company("Sample"),
        lines=(ReceiptLine("Elsewhere", 1, None, pounds(24_000)),),
    )
    assert [heading for heading, _ in found.facts] == ["Receipt number", "Order", "Paid"]
    assert found.headings == ("Product", "Quantity", "Amount, GBP")
    assert found.letterhead == ("Sample",)
    assert found.closing == "Paid in full."
    assert found.foot == ""


def test_a_currency_is_named_once() -> None:
    """Its code is in the amount already where it has no sign."""
    dinars = Money(12_500, "kwd")
    found = drawn(total=dinars, ordered=dinars)
    assert found.total.amount.count("KWD") == 1


def test_a_test_payment_says_that_it_is_none() -> None:
    """Nobody may take it for money."""
    assert drawn(livemode=False).warning == "Test payment: no money has moved"

"""Payments that another system took: named as what they are, and nothing offered in vain."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import Drawing
from tests.pages.payments.test_payments import references
from tests.support.desks.other_methods import paid_with, waiting_for, with_status
from tests.support.desks.worlds import World
from tests.support.screens.payment_action_screens import opened, press, written
from tests.support.screens.table_rows import column

TAKE = "Open in Take payment"


@pytest.fixture
def screen(page_of: Drawing) -> AppTest:
    """A payment's page over an empty desk, not drawn yet."""
    return page_of("payment.py")


@pytest.fixture
def listed(page_of: Drawing) -> AppTest:
    """The list, not drawn yet."""
    return page_of("payments.py")


def said(screen: AppTest) -> str:
    """The messages about the open payment."""
    return "\n".join(box.value for box in (*screen.info, *screen.warning)).replace("\\", "")


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("method_type", "details", "words"),
    [
        ("sepa_debit", {"last4": "3000", "country": "DE"}, "SEPA Direct Debit •••• 3000"),
        ("us_bank_account", {"last4": "6789", "bank_name": "x"}, "ACH Direct Debit •••• 6789"),
        ("ideal", {"bank": "ing", "iban_last4": "5264"}, "iDEAL •••• 5264"),
        ("card_present", {"brand": "visa", "last4": "4242"}, "Terminal · Visa •••• 4242"),
        (
            "amazon_pay",
            {"funding": {"type": "card", "card": {"brand": "visa", "last4": "4242"}}},
            "Amazon Pay · Visa •••• 4242",
        ),
        (
            "revolut_pay",
            {"funding": {"type": "card", "card": {"brand": "mastercard", "last4": "4444"}}},
            "Revolut Pay · Mastercard •••• 4444",
        ),
        ("mobilepay", {"card": {"brand": "visa", "last4": "1234"}}, "MobilePay · Visa •••• 1234"),
        ("customer_balance", {}, "Bank transfer"),
        ("klarna", {"payment_method_category": "pay_later"}, "Klarna"),
        ("moon_pay", {}, "Moon pay"),
    ],
)
def test_a_method_is_named(
    world: World,
    screen: AppTest,
    listed: AppTest,
    method_type: str,
    details: dict[str, Any],
    words: str,
) -> None:
    """In the table, the details and the timeline; by its last four it is found."""
    payment_id = paid_with(world, method_type, details)
    shown = written(opened(screen, payment_id))
    assert f"<dd>{words}</dd>" in shown
    assert f"{words}: succeeded" in shown
    assert column(listed.run(), "Card") == [words]
    if words[-4:].isdigit():
        listed.text_input[0].set_value(words[-4:]).run()
        assert len(references(listed)) == 1


@pytest.mark.parametrize(
    ("next_action", "sentence"),
    [
        ("display_bank_transfer_instructions", "Waiting for the customer's bank transfer."),
        ("oxxo_display_details", "Waiting for the customer to pay an OXXO voucher."),
        ("verify_with_microdeposits", "to verify their bank account"),
        ("pix_display_qr_code", "to scan the QR code of Pix."),
        ("redirect_to_url", "on the page of their bank or payment provider."),
        ("scan_iris", "Waiting for the customer to complete this payment (scan_iris)."),
    ],
)
def test_what_it_waits_for(
    world: World, screen: AppTest, listed: AppTest, next_action: str, sentence: str
) -> None:
    """In its own sentence; the card form is of no use."""
    opened(screen, waiting_for(world, next_action))
    assert column(listed.run(), "Status") == ["Awaiting customer"]
    assert sentence in said(screen)
    assert "Needs authentication" not in written(screen)
    assert TAKE not in [button.label for button in screen.button]


def test_one_that_waits_for_a_card_elsewhere(world: World, screen: AppTest) -> None:
    """Only the system that made it can take the card."""
    opened(screen, with_status(world, "requires_payment_method"))
    assert TAKE not in [button.label for button in screen.button]


def test_a_status_of_tomorrow(world: World, screen: AppTest, listed: AppTest) -> None:
    """Stripe's word is text, in the table too, and stops nothing."""
    payment_id = with_status(world, "requires_*funding*")
    shown = written(opened(screen, payment_id))
    assert column(listed.run(), "Status") == ["requires_*funding*"]
    assert "requires_*funding*" in shown
    assert "a status that this version doesn't know: requires_*funding*." in said(screen)
    assert TAKE not in [button.label for button in screen.button]


def test_a_method_that_is_no_card_is_not_called_one(world: World, screen: AppTest) -> None:
    """What a refund will do is said of the method."""
    press(opened(screen, paid_with(world, "sepa_debit", {"last4": "3000"})), "Refund")
    assert "Refund £42.00 to SEPA Direct Debit •••• 3000?" in written(screen).replace("\\", "")

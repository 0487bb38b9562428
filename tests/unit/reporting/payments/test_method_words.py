"""What was paid with has a name, whatever it is."""

import pytest
import stripe

from cardpay.reporting.payments.method_words import METHOD_NAMES, method_name, method_words
from tests.support.desks.stripe_words import listed, parts


def test_every_type_of_the_sdk_has_a_name() -> None:
    """Of a PaymentMethod, and of a Charge, which may be of an older integration."""
    types = listed(stripe.PaymentMethod, "type")
    on_charges = parts(stripe.Charge.PaymentMethodDetails)
    assert len(types) > 50
    assert types | on_charges == METHOD_NAMES.keys()


@pytest.mark.parametrize(
    ("method_type", "brand", "last4", "words"),
    [
        ("card", "visa", "4242", "Visa •••• 4242"),
        (None, "amex", "0005", "American Express •••• 0005"),
        (None, None, None, ""),
        ("card", "visa", None, ""),
        ("card_present", "visa", "4242", "Terminal · Visa •••• 4242"),
        ("interac_present", "interac", "4242", "Terminal · Interac •••• 4242"),
        ("amazon_pay", "visa", "4242", "Amazon Pay · Visa •••• 4242"),
        ("amazon_pay", None, None, "Amazon Pay"),
        ("sepa_debit", None, "3000", "SEPA Direct Debit •••• 3000"),
        ("kr_card", "kookmin_bank", None, "Korean card · Kookmin Bank"),
        ("customer_balance", None, None, "Bank transfer"),
        ("klarna", None, None, "Klarna"),
        ("moon_pay", None, "1234", "Moon pay •••• 1234"),
    ],
)
def test_a_method_in_words(
    method_type: str | None, brand: str | None, last4: str | None, words: str
) -> None:
    """Its name, then what it has; a type of tomorrow has its own words."""
    assert method_words(method_type, brand, last4) == words


@pytest.mark.parametrize(
    ("method_type", "last4", "name"),
    [(None, None, ""), (None, "4242", "Card"), ("klarna", None, "Klarna"), ("a_b", None, "A b")],
)
def test_the_name_alone(method_type: str | None, last4: str | None, name: str) -> None:
    """For a column of its own."""
    assert method_name(method_type, last4) == name

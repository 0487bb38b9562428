"""Amounts follow Stripe's table of decimals."""

from decimal import Decimal

import pytest

from cardpay.domain.money import CURRENCIES, Money, decimals, shown_decimals

# Stripe docs, "Supported currencies", written down a second time: a slip in one shows here.
ZERO_DECIMAL = set("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".lower().split())
THREE_DECIMAL = set("BHD JOD KWD OMR TND".lower().split())
WHOLE_UNITS_ONLY = {"isk", "ugx"}


def test_the_special_currencies_are_known() -> None:
    """About 135 in all, and none of those that need care is missing."""
    assert set(CURRENCIES) >= ZERO_DECIMAL | THREE_DECIMAL | WHOLE_UNITS_ONLY
    assert len(CURRENCIES) > 135


def test_every_currency_has_the_decimals_of_stripes_table() -> None:
    """Zero, two or three; ISK and UGX are sent with two and shown with none."""
    for currency in CURRENCIES:
        expected = 0 if currency in ZERO_DECIMAL else 3 if currency in THREE_DECIMAL else 2
        shown = 0 if currency in WHOLE_UNITS_ONLY else expected
        assert (decimals(currency), shown_decimals(currency)) == (expected, shown), currency


@pytest.mark.parametrize(
    ("currency", "amount_minor", "major"),
    [
        pytest.param("gbp", 1250, "12.50", id="two decimals"),
        pytest.param("jpy", 1500, "1500", id="no decimals"),
        pytest.param("kwd", 1250, "1.250", id="three decimals"),
        pytest.param("isk", 500, "5", id="sent in hundreds"),
        pytest.param("rsd", 1250, "12.50", id="two here, none in CLDR"),
    ],
)
def test_the_main_unit_is_exact(currency: str, amount_minor: int, major: str) -> None:
    """The amount in the main unit is a decimal number without rounding."""
    assert Money(amount_minor, currency).amount_major == Decimal(major)

"""Currencies, and the amounts that Stripe accepts."""

import pytest

from cardpay.sandbox.currency_rules import (
    HUNDREDS_ONLY,
    MAX_AMOUNT,
    SUPPORTED,
    check_amount,
    check_currency,
    converted,
    formatted,
)
from cardpay.sandbox.http.api_errors import InvalidParameter


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [
        (50, "usd", None),
        (49, "usd", "amount_too_small"),
        (29, "gbp", "amount_too_small"),
        (50, "jpy", None),
        (49, "jpy", "amount_too_small"),
        (MAX_AMOUNT, "usd", None),
        (MAX_AMOUNT + 1, "usd", "amount_too_large"),
        (1230, "kwd", None),
        (1234, "kwd", "parameter_invalid_integer"),
        (12_000, "isk", None),
        (1200, "isk", "amount_too_small"),
        (14_000, "vnd", None),
        (13_000, "vnd", "amount_too_small"),
        (160, "kwd", "amount_too_small"),
        (1250, "ugx", "parameter_invalid_integer"),
    ],
)
def test_amounts(amount: int, currency: str, code: str | None) -> None:
    """Minimum, maximum and divisibility, each with Stripe's code."""
    if code is None:
        check_amount(amount, currency)
        return
    with pytest.raises(InvalidParameter) as refused:
        check_amount(amount, currency)

    assert refused.value.fields["code"] == code


@pytest.mark.sampled(4)
@pytest.mark.parametrize("currency", SUPPORTED)
def test_every_currency_has_a_minimum(currency: str) -> None:
    """What is worth a few cents is too small in any of them."""
    amount = 100 if currency in HUNDREDS_ONLY else 10

    with pytest.raises(InvalidParameter) as refused:
        check_amount(amount, currency)

    assert refused.value.fields["code"] == "amount_too_small"


def test_currencies() -> None:
    """Upper case is accepted. An unknown currency is rejected."""
    assert check_currency("USD") == "usd"
    with pytest.raises(InvalidParameter):
        check_currency("xyz")


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (123456, "usd", "$1,234.56 usd"),
        (500, "jpy", "¥500 jpy"),
        (1230, "kwd", "1.230 kwd"),
    ],
)
def test_formatted(amount: int, currency: str, text: str) -> None:
    """The number of decimals depends on the currency."""
    assert formatted(amount, currency) == text


def test_settlement() -> None:
    """Euros are unchanged. Others are converted from their own minor unit."""
    assert converted(1000, "eur", "eur") == (1000, None)
    assert converted(16_300, "jpy", "eur")[0] == pytest.approx(10_000, rel=0.01)
    assert converted(33_000, "kwd", "eur")[0] == pytest.approx(10_000, rel=0.01)

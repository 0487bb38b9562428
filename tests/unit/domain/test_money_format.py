"""Money is shown with the decimals that Stripe charges."""

import re

import pytest

from cardpay.domain.money import CURRENCIES, Money, shown_decimals, smallest_step
from cardpay.domain.money_format import format_money


@pytest.mark.parametrize(
    ("money", "text"),
    [
        pytest.param(Money(1200, "gbp"), "£12.00", id="pounds"),
        pytest.param(Money(123456789, "eur"), "€1,234,567.89", id="grouped"),
        pytest.param(Money(1500, "jpy"), "JP¥1,500", id="no decimals"),
        pytest.param(Money(1250, "kwd"), "KWD\u00a01.250", id="three decimals"),
        pytest.param(Money(50000, "isk"), "ISK\u00a0500", id="sent in hundreds"),
        pytest.param(Money(1250, "rsd"), "RSD\u00a012.50", id="two, whatever CLDR says"),
        pytest.param(Money(-1200, "gbp"), "-£12.00", id="a difference"),
    ],
)
def test_in_british_english(money: Money, text: str) -> None:
    """The desk's default."""
    assert format_money(money) == text


def test_in_another_locale() -> None:
    """The signs are the locale's, the decimals stay Stripe's."""
    assert format_money(Money(123450, "eur"), "de_DE") == "1.234,50\u00a0€"


def test_every_currency_shows_exactly_what_is_charged() -> None:
    """The digits that are shown are the digits of the amount, no more and no less."""
    for currency in CURRENCIES:
        money = Money(1234 * 10 * smallest_step(currency), currency)
        digits = re.sub(r"\D", "", format_money(money))
        hidden = 2 if shown_decimals(currency) == 0 and smallest_step(currency) == 100 else 0
        assert digits == str(money.amount_minor)[: -hidden or None], currency

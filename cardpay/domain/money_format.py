"""Money as a person reads it."""

import re
from copy import copy
from functools import lru_cache
from typing import Final

from babel import Locale
from babel.numbers import NumberPattern

from cardpay.domain.money import Money, shown_decimals

DEFAULT_LOCALE: Final = "en_GB"


def format_money(money: Money, locale: str = DEFAULT_LOCALE) -> str:
    """The amount with its currency in a locale's way: "£12.00", "JP¥1,500", "KWD 1.250"."""
    spoken = Locale.parse(locale)
    pattern = _pattern(locale, shown_decimals(money.currency))
    text = pattern.apply(
        money.amount_major, spoken, currency=money.currency.upper(), currency_digits=False
    )
    # CLDR asks for a space between a code of letters and the number; Babel leaves it out.
    return re.sub(r"(?<=[^\W\d_])(?=\d)", "\N{NO-BREAK SPACE}", str(text))


@lru_cache
def _pattern(locale: str, places: int) -> NumberPattern:
    """The locale's pattern with a fixed number of decimals.

    The decimals are Stripe's, not CLDR's, so that what is shown is what is charged.
    """
    pattern: NumberPattern = copy(Locale.parse(locale).currency_formats["standard"])
    pattern.frac_prec = (places, places)
    return pattern

"""Amounts that people type: which ways of writing one are read, and which amounts are refused."""

import re
from decimal import Decimal

from cardpay.domain.errors import InvalidInput
from cardpay.domain.money import CURRENCIES, Money, decimals, smallest_step

# A plain number with a point for decimals, whole or with groups of three. A decimal comma is
# refused rather than guessed: "1,250" is a thousand to one reader and one to another.
_NUMBER = re.compile(r"\d{1,3}(?:[, ']\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?", re.ASCII)

_LARGEST_MINOR = 2**63 - 1  # what a column takes

_TO = re.compile(r" ?(?:[-\u2013\u2014]|\bto\b) ?")
_COMPARED = re.compile(r"(?P<sign>[<>≤≥]) ?(?P<equal>=?) ?(?P<number>.+)", re.DOTALL)


def parse_major(text: str, currency: str, field: str = "Amount") -> Money:
    """The amount that was typed in the main unit ("1,250.50"). Raises InvalidInput."""
    code = currency.lower()
    typed = re.sub(r"\s", " ", text.strip())  # some locales group by a non-breaking space
    if not _NUMBER.fullmatch(typed):
        raise InvalidInput(field, f"{field} must be a number, like 1250.50")
    places = decimals(code)
    amount = Decimal(re.sub(r"[^\d.]", "", typed)).scaleb(places)
    if amount > _LARGEST_MINOR:
        raise InvalidInput(field, f"{field} is too large")
    # Three decimals where there are two, zeros or not: "1.250" may be somebody's thousands.
    like_thousands = places != 3 and len(typed.partition(".")[2]) == 3
    if amount != amount.to_integral_value() or like_thousands:
        words = f"{places} decimal places or fewer" if places else "no decimal places"
        raise InvalidInput(field, f"{field} in {code.upper()} must have {words}")
    money = Money(int(amount), code)
    validate_for_charge(money, field)
    return money


def validate_for_charge(money: Money, field: str = "Amount") -> None:
    """Raise InvalidInput for an amount that Stripe never accepts.

    Minimum and maximum are left to Stripe: they depend on the account's settlement currency and
    have changed over time.
    """
    if money.currency not in CURRENCIES:
        raise InvalidInput(field, f"Stripe doesn't charge in {money.currency.upper()}")
    if money.amount_minor <= 0:
        raise InvalidInput(field, f"{field} must be more than zero")
    step = smallest_step(money.currency)
    if money.amount_minor % step:
        least = Money(step, money.currency).amount_major.normalize()
        raise InvalidInput(
            field, f"{field} must be a multiple of {least:f} {money.currency.upper()}"
        )


def parse_range(text: str, currency: str, field: str = "Amount") -> tuple[int | None, int | None]:
    """The least and the most that was typed, in the minor unit: "245", "100-250", "100-", "-250".

    Also ">200" and its like. An open end is None. Raises InvalidInput.
    """
    typed = " ".join(text.split())
    if compared := _COMPARED.fullmatch(typed):
        limit = parse_major(compared["number"], currency, field).amount_minor
        # Beyond the amount itself where it is not included.
        beyond = 0 if compared["equal"] or compared["sign"] in "≥≤" else 1
        if limit == _LARGEST_MINOR:
            raise InvalidInput(field, f"{field} is too large")
        return (limit + beyond, None) if compared["sign"] in ">≥" else (None, limit - beyond)
    first, sign, last = _TO.sub("-", typed).partition("-")
    least, most = (
        parse_major(part, currency, field).amount_minor if part else None
        for part in (first, last if sign else first)
    )
    if least is None and most is None:
        raise InvalidInput(field, f"{field} must be a number or a range, like 100-250")
    if least is not None and most is not None and least > most:
        raise InvalidInput(field, f"{field} must begin with the smaller number")
    return least, most

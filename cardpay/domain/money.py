"""Money as Stripe counts it: an integer in the minor unit, and a currency.

The tables are Stripe's (Stripe docs: "Supported currencies"), not a locale library's: CLDR
shows RSD and ALL without decimals, Stripe charges them with two.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from cardpay.domain.errors import InvalidInput

ZERO_DECIMAL: Final = frozenset(
    "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split()
)
THREE_DECIMAL: Final = frozenset("bhd jod kwd omr tnd".split())
# Sent with two decimals that must be 00, for backward compatibility: ISK 5 is sent as 500.
WHOLE_UNITS_ONLY: Final = frozenset({"isk", "ugx"})
_TWO_DECIMAL: Final = frozenset(
    "usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd"
    " cad cdf chf cny cop crc cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd"
    " hnl htg huf idr ils inr isk jmd kes kgs khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt"
    " mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln qar ron rsd rub"
    " sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah ugx uyu uzs wst"
    " xcd yer zar zmw".split()
)
CURRENCIES: Final = tuple(sorted(_TWO_DECIMAL | ZERO_DECIMAL | THREE_DECIMAL))
"""Every currency that a card can be charged in, as Stripe spells it (lower case)."""

# A plain number with a point for decimals, whole or with groups of three. A decimal comma is
# refused rather than guessed: "1,250" is a thousand to one reader and one to another.
_NUMBER = re.compile(r"\d{1,3}(?:[, ']\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?", re.ASCII)


@dataclass(frozen=True)
class Money:
    """An amount in the currency's minor unit, as Stripe takes it."""

    amount_minor: int
    currency: str

    @property
    def amount_major(self) -> Decimal:
        """The amount in the currency's main unit, exact."""
        return Decimal(self.amount_minor).scaleb(-decimals(self.currency))


def plain_number(money: Money) -> str:
    """The amount as `parse_major` reads it ("1250.50"), with the decimals people are shown."""
    return f"{money.amount_major:.{shown_decimals(money.currency)}f}"


def decimals(currency: str) -> int:
    """How many decimals the currency's amounts have, by Stripe's table."""
    code = currency.lower()
    if code in ZERO_DECIMAL:
        return 0
    return 3 if code in THREE_DECIMAL else 2


def shown_decimals(currency: str) -> int:
    """How many decimals a person is shown: none for ISK and UGX, whose two are always 00."""
    return 0 if currency.lower() in WHOLE_UNITS_ONLY else decimals(currency)


def smallest_step(currency: str) -> int:
    """What every amount must be a multiple of, in the minor unit.

    The last digit of a three-decimal amount is 0, since card networks round it away.
    """
    code = currency.lower()
    if code in THREE_DECIMAL:
        return 10
    return 100 if code in WHOLE_UNITS_ONLY else 1


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


def parse_major(text: str, currency: str, field: str = "Amount") -> Money:
    """The amount that was typed in the main unit ("1,250.50"). Raises InvalidInput."""
    code = currency.lower()
    typed = re.sub(r"\s", " ", text.strip())  # some locales group by a non-breaking space
    if not _NUMBER.fullmatch(typed):
        raise InvalidInput(field, f"{field} must be a number, like 1250.50")
    places = decimals(code)
    amount = Decimal(re.sub(r"[^\d.]", "", typed)).scaleb(places)
    # Three decimals where there are two, zeros or not: "1.250" may be somebody's thousands.
    like_thousands = places != 3 and len(typed.partition(".")[2]) == 3
    if amount != amount.to_integral_value() or like_thousands:
        words = f"{places} decimal places or fewer" if places else "no decimal places"
        raise InvalidInput(field, f"{field} in {code.upper()} must have {words}")
    money = Money(int(amount), code)
    validate_for_charge(money, field)
    return money

"""Money as Stripe counts it: an integer in the minor unit, and a currency.

The tables are Stripe's (Stripe docs: "Supported currencies"), not a locale library's: CLDR
shows RSD and ALL without decimals, Stripe charges them with two.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

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
    """The amount as it may be typed ("1250.50"), with the decimals people are shown."""
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

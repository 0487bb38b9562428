"""Where the account is at home: its country, the currency it settles in, and Stripe's fees there.

The fees have the structure of Stripe's price list: a percentage and a fixed part, with a higher
percentage for cards from further away.
"""

from dataclasses import dataclass
from typing import Final

_EUROPEAN = frozenset(
    """
    AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LI LT LU LV MT NL NO PL PT RO SE SI SK
    """.split()
)


@dataclass(frozen=True)
class HomeCountry:
    """A country, with the fees in per mille of the amount, and in minor units of its currency."""

    code: str
    currency: str
    home_per_mille: int
    european_per_mille: int
    foreign_per_mille: int
    fixed_fee: int
    dispute_fee: int

    def card_fee(self, amount: int, issued_in: str) -> int:
        """The fee of a charge, both in the minor unit of the settlement currency."""
        per_mille = self.foreign_per_mille
        if issued_in == self.code:
            per_mille = self.home_per_mille
        elif issued_in in _EUROPEAN:
            per_mille = self.european_per_mille
        return round(amount * per_mille / 1000) + self.fixed_fee


IRELAND: Final = HomeCountry("IE", "eur", 15, 15, 32, 25, 2000)
UNITED_KINGDOM: Final = HomeCountry("GB", "gbp", 15, 25, 32, 20, 2000)

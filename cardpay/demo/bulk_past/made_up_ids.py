"""Ids like Stripe's, and our own, for a past that no Stripe knows.

They grow with the orders' numbers, since a database appends to its indexes faster than it inserts
into them, and have no run of digits that could be taken for a card number.
"""

from random import Random
from typing import Final

_LETTERS: Final = str.maketrans("0123456789", "abcdefghij")


def letters(number: int) -> str:
    """A number in letters, in the same order as numbers."""
    return f"{number:010}".translate(_LETTERS)


def stripe_tail(number: int, payment_id: str) -> str:
    """What follows `pi_3` and the like in the ids of an order's objects."""
    return f"{letters(number)}{payment_id[-8:]}z"


def own_id(number: int, chance: Random) -> str:
    """An id of the desk's own, of the order with a number."""
    digits = f"{number:08x}{chance.getrandbits(96):024x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

"""The forms of Stripe's ids and codes: what of its JSON may stand in a column as it is.

Ids and codes are stored and shown unmasked, so that nothing else may stand in their place, least
of all a card number.
"""

import re
from functools import lru_cache
from typing import Final, TypeGuard

from cardpay.domain.card_data.card_numbers import SHORTEST, card_numbers
from cardpay.domain.card_number_guard import mask_card_numbers

# Such as ch_3N…, cs_test_a1… and acct_1…. Only what users of Stripe name themselves, such as
# coupons, has other ids; the desk applies none of these.
_ID: Final = re.compile(r"[a-z]{1,30}_\w{1,224}", re.ASCII)
# Ids are made at random: one in some hundred million has as many digits in a row.
_LONG_NUMBER: Final = re.compile(rf"\d(?:_*\d){{{SHORTEST - 1}}}", re.ASCII)
_CODE: Final = re.compile(r"[\w.:\-]{1,255}", re.ASCII)


def is_stripe_id(value: object) -> TypeGuard[str]:
    """Whether it is an id as Stripe makes them, without a card number inside."""
    if not isinstance(value, str) or not _ID.fullmatch(value):
        return False
    return not _LONG_NUMBER.search(value) or next(card_numbers(value), None) is None


def is_stripe_code(value: object) -> TypeGuard[str]:
    """Whether it is a code, such as a status, a currency or an event's type."""
    return isinstance(value, str) and _CODE.fullmatch(value) is not None and _is_clean(value)


@lru_cache(maxsize=1_000)
def _is_clean(code: str) -> bool:
    """Stripe has few codes, and millions of objects with them."""
    return mask_card_numbers(code) == code

"""Whether a payout's transactions add up to it."""

import pytest

from cardpay.domain.payment.payout import Itemisation, itemisation


@pytest.mark.parametrize(
    ("is_automatic", "is_itemised", "listed_minor", "expected"),
    [
        pytest.param(False, False, 0, Itemisation.IMPOSSIBLE, id="manual"),
        pytest.param(False, True, 5_000, Itemisation.IMPOSSIBLE, id="manual, whatever is listed"),
        pytest.param(True, False, 0, Itemisation.WAITING, id="not listed yet"),
        pytest.param(True, True, 5_000, Itemisation.ADDS_UP, id="all of it"),
        pytest.param(True, True, 4_999, Itemisation.DIFFERS, id="a cent less"),
        pytest.param(True, True, -5_000, Itemisation.DIFFERS, id="the other way round"),
    ],
)
def test_a_payout_of_fifty(
    is_automatic: bool, is_itemised: bool, listed_minor: int, expected: Itemisation
) -> None:
    """The sum is compared only where there is one."""
    found = itemisation(
        is_automatic=is_automatic,
        is_itemised=is_itemised,
        amount_minor=5_000,
        listed_minor=listed_minor,
    )
    assert found is expected


def test_money_that_the_bank_has_to_give() -> None:
    """A negative payout is the sum of negative transactions."""
    owed = itemisation(is_automatic=True, is_itemised=True, amount_minor=-70, listed_minor=-70)
    assert owed is Itemisation.ADDS_UP

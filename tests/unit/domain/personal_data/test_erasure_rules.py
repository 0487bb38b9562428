"""Erasure: what keeps a customer's details, in words."""

import pytest

from cardpay.domain.personal_data.erasure_rules import needed_because


@pytest.mark.parametrize(
    ("is_open", "disputed", "refunded", "why"),
    [
        pytest.param(True, True, True, "Authorised", id="open comes first"),
        pytest.param(False, True, True, "disputed", id="then a dispute"),
        pytest.param(False, False, True, "a refund is on its way", id="then a refund"),
        pytest.param(False, False, False, "", id="nothing"),
    ],
)
def test_why_details_are_needed(is_open: bool, disputed: bool, refunded: bool, why: str) -> None:
    """One reason is named; none means that they may be erased."""
    found = needed_because("Authorised", is_open=is_open, disputed=disputed, refunded=refunded)
    assert found == why

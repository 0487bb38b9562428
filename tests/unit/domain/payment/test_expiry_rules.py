"""Expiry: only the desk's own unpaid payments end, and only when they are due."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.payment.expiry_rules import UNPAID, has_expired

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
OLD: dict[str, Any] = {
    "taken_at_desk": True,
    "holds_order": True,
    "created_at": START - timedelta(seconds=1),
    "created_before": START,
}


@pytest.mark.parametrize("status", DisplayStatus)
def test_only_an_unpaid_payment_expires(status: DisplayStatus) -> None:
    """A hold, an unknown outcome and whatever has ended stay, however old they are."""
    assert has_expired(status, **OLD) is (status in UNPAID)


@pytest.mark.parametrize(
    ("different", "expired"),
    [
        pytest.param({"created_at": START}, False, id="not old enough"),
        pytest.param({"created_at": START, "holds_order": False}, True, id="holds no order"),
        pytest.param({"taken_at_desk": False}, False, id="taken elsewhere"),
        pytest.param(
            {"taken_at_desk": False, "holds_order": False}, False, id="elsewhere, no order"
        ),
    ],
)
def test_what_is_due(different: dict[str, Any], expired: bool) -> None:
    """By age, or since nobody can pay it any more; never what others took."""
    assert has_expired(DisplayStatus.AWAITING_CARD, **{**OLD, **different}) is expired

"""The status that staff read for a payment that requires an action, or has a new status."""

import pytest

from cardpay.domain.payment.display_status import DisplayStatus, display_status, status_words
from cardpay.domain.payment.status import PaymentStatus


def shown(next_action: str | None, *, taken_at_desk: bool) -> DisplayStatus:
    """The status of a payment that requires this action."""
    return display_status(
        PaymentStatus.REQUIRES_ACTION,
        has_open_operation=False,
        last_attempt=None,
        cancellation_cause=None,
        waits_for=next_action,
        taken_at_desk=taken_at_desk,
    )


@pytest.mark.parametrize(
    "next_action", [None, "use_stripe_sdk", "redirect_to_url", "oxxo_display_details", "scan_iris"]
)
def test_only_an_authentication_needs_authentication(next_action: str | None) -> None:
    """A redirect is one at the desk, where payments are taken with cards alone."""
    cards = {None, "use_stripe_sdk"}
    needs, awaits = DisplayStatus.NEEDS_AUTHENTICATION, DisplayStatus.AWAITING_CUSTOMER
    assert shown(next_action, taken_at_desk=False) is (needs if next_action in cards else awaits)
    here = cards | {"redirect_to_url"}
    assert shown(next_action, taken_at_desk=True) is (needs if next_action in here else awaits)


def test_a_status_of_tomorrow_is_shown_by_stripes_word() -> None:
    """All others by ours."""
    assert status_words(DisplayStatus.UNKNOWN, "requires_funding") == "requires_funding"
    assert status_words(DisplayStatus.DECLINED, "requires_payment_method") == "Declined"

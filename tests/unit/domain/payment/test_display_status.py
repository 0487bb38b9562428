"""The status that staff read: of an action, of a status of tomorrow, and of what was paid."""

import pytest

from cardpay.domain.payment.display_status import (
    PAID,
    Afterwards,
    DisplayStatus,
    display_status,
    status_words,
    while_taken,
)
from cardpay.domain.payment.dispute import DisputeStatus
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


_D = DisputeStatus


@pytest.mark.parametrize(
    ("refunded", "disputes", "word"),
    [
        (0, [], "Succeeded"),
        (1, [], "Partially refunded"),
        (99, [], "Partially refunded"),
        (100, [], "Refunded"),
        (0, [_D.NEEDS_RESPONSE], "Disputed"),
        (0, [_D.WARNING_UNDER_REVIEW], "Disputed"),
        (0, ["a status of tomorrow"], "Disputed"),
        (0, [_D.LOST, _D.NEEDS_RESPONSE], "Disputed"),
        (100, [_D.UNDER_REVIEW], "Disputed"),
        (0, [_D.LOST], "Dispute lost"),
        (10, [_D.LOST, _D.WON], "Dispute lost"),
        (0, [_D.WON], "Dispute won"),
        (10, [_D.WON], "Partially refunded"),
        (0, [_D.WARNING_CLOSED], "Succeeded"),
        (100, [_D.PREVENTED], "Refunded"),
    ],
)
def test_a_paid_payment_says_what_became_of_its_money(
    refunded: int, disputes: list[DisputeStatus | str | None], word: str
) -> None:
    """The most urgent word; whoever takes the payment reads that it was paid in any case."""
    found = display_status(
        PaymentStatus.SUCCEEDED,
        has_open_operation=True,
        last_attempt=None,
        cancellation_cause=None,
        afterwards=Afterwards(100, refunded, disputes),
    )
    assert found == word
    assert found in PAID
    assert while_taken(found) is DisplayStatus.SUCCEEDED


@pytest.mark.parametrize(
    "status", [one for one in PaymentStatus if one is not PaymentStatus.SUCCEEDED]
)
def test_an_unpaid_payment_has_none_of_these_words(status: PaymentStatus) -> None:
    """Whatever is stored about refunds and disputes."""
    found = display_status(
        status,
        has_open_operation=False,
        last_attempt=None,
        cancellation_cause=None,
        afterwards=Afterwards(100, 100, [_D.LOST]),
    )
    assert found not in PAID
    assert while_taken(found) is found

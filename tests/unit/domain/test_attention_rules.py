"""What a payment asks a person for, and until when."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from cardpay.domain.attention_rules import (
    Attention,
    attention,
    may_await_response,
)
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.payment.dispute import DisputeStatus

EARLY, LATE = datetime(2026, 12, 4, tzinfo=UTC), datetime(2026, 12, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Told:
    """A dispute, as far as it matters here."""

    status: DisputeStatus | str
    evidence_due_at: datetime | None = None


def test_the_first_deadline_of_the_disputes_counts() -> None:
    """Those that await no answer have none, whatever Stripe names."""
    disputes = [
        Told(DisputeStatus.UNDER_REVIEW, datetime(2026, 12, 1, tzinfo=UTC)),
        Told(DisputeStatus.NEEDS_RESPONSE, LATE),
        Told(DisputeStatus.WARNING_NEEDS_RESPONSE, EARLY),
    ]
    found = attention(DisplayStatus.DISPUTED, disputes, None)
    assert found == (Attention.DISPUTE, EARLY)


def test_a_dispute_without_a_deadline_is_to_be_answered_all_the_same() -> None:
    """So is one with a status that this version does not know."""
    for status in (DisputeStatus.NEEDS_RESPONSE, "needs_more"):
        disputes = [Told(status)]
        assert attention(DisplayStatus.DISPUTED, disputes, None) == (Attention.DISPUTE, None)


def test_a_dispute_that_was_answered_asks_for_nothing() -> None:
    """The bank decides."""
    disputes = [Told(DisputeStatus.UNDER_REVIEW, EARLY)]
    assert attention(DisplayStatus.DISPUTED, disputes, None) == (None, None)


def test_a_hold_is_to_be_captured_before_it_ends() -> None:
    """Until when, its attempt says."""
    assert attention(DisplayStatus.AUTHORISED, [], EARLY) == (Attention.HOLD, EARLY)


@pytest.mark.parametrize(
    "display",
    [
        one
        for one in DisplayStatus
        if one not in {DisplayStatus.DISPUTED, DisplayStatus.AUTHORISED}
    ],
)
def test_no_other_payment_asks_for_anything(display: DisplayStatus) -> None:
    """Neither a lost dispute nor a hold of the past."""
    disputes = [Told(DisputeStatus.NEEDS_RESPONSE, EARLY)]
    assert attention(display, disputes, EARLY) == (None, None)


def test_three_statuses_of_stripes_await_an_answer() -> None:
    """All that end so."""
    waiting = {status for status in DisputeStatus if may_await_response(status)}
    assert waiting == {status for status in DisputeStatus if status.endswith("needs_response")}

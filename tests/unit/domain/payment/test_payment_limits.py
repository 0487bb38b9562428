"""The limits' rules: from a count to a refusal, and what it says."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.domain.payment.limit_rules import (
    COUNTED_AS_PAYMENT,
    NO_LIMITS,
    RESETS_DECLINES,
    Limit,
    Limits,
    Tally,
    limit_reached,
)

NOW = datetime(2024, 2, 29, 12, tzinfo=UTC)
EACH = Limits(3, 3, 3, 3, decline_window=timedelta(minutes=30))
AGO = NOW - timedelta(minutes=20, seconds=30)


@pytest.mark.parametrize("limit", Limit)
@pytest.mark.parametrize(("count", "is_refused"), [(0, False), (2, False), (3, True), (9, True)])
def test_a_limit_is_reached_by_its_own_number(limit: Limit, count: int, is_refused: bool) -> None:
    """So many are allowed, and the next is refused."""
    assert (limit_reached(EACH, limit, Tally(count, AGO), NOW) is not None) == is_refused


@pytest.mark.parametrize("limit", Limit)
def test_zero_switches_a_limit_off(limit: Limit) -> None:
    """However many there were."""
    assert limit_reached(NO_LIMITS, limit, Tally(10_000, AGO), NOW) is None
    assert NO_LIMITS.are_off
    assert not EACH.are_off


@pytest.mark.parametrize(
    ("limit", "until_at", "when"),
    [
        pytest.param(Limit.PAYMENTS, AGO + timedelta(hours=1), "12:40 (UTC)", id="payments"),
        pytest.param(
            Limit.PAYMENTS_OF_PERSON, AGO + timedelta(hours=1), "12:40 (UTC)", id="person"
        ),
        pytest.param(
            Limit.DECLINES_OF_PERSON, AGO + timedelta(minutes=30), "12:10 (UTC)", id="declines"
        ),
        pytest.param(
            Limit.DECLINES_OF_CARD, AGO + timedelta(minutes=30), "12:10 (UTC)", id="card"
        ),
    ],
)
def test_the_sentence_says_why_and_until_when(limit: Limit, until_at: datetime, when: str) -> None:
    """The end of the oldest one's window, to the minute and not too early."""
    reached = limit_reached(EACH, limit, Tally(3, AGO), NOW)
    assert reached is not None
    assert reached.until_at == until_at
    assert f"from {when}" in reached.sentence
    assert " 3 " in reached.sentence


def test_times_are_told_in_the_desks_zone_with_the_day_where_it_is_another() -> None:
    """A limit that ends after midnight does not seem to have ended already."""
    late = datetime(2024, 2, 29, 10, 50, tzinfo=UTC)
    limits = Limits(payments_per_hour=1, zone=ZoneInfo("Pacific/Auckland"))  # 23:50 there
    reached = limit_reached(limits, Limit.PAYMENTS, Tally(1, late), late)
    assert reached is not None
    assert "from 00:50 on 1 March (Pacific/Auckland)" in reached.sentence


def test_every_outcome_counts_in_one_way() -> None:
    """What ends a row took money or holds it, and so is a payment; a decline is neither."""
    assert RESETS_DECLINES < COUNTED_AS_PAYMENT
    assert AttemptOutcome.DECLINED not in COUNTED_AS_PAYMENT
    assert COUNTED_AS_PAYMENT | {
        AttemptOutcome.DECLINED,
        AttemptOutcome.AUTHENTICATION_FAILED,
        AttemptOutcome.REFUSED,
        AttemptOutcome.NOT_CHARGED,
    } == set(AttemptOutcome)

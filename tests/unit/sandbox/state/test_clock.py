"""The sandbox's clock."""

from datetime import UTC, datetime, timedelta

import pytest

from cardpay.sandbox.state.clock import Clock

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_it_runs() -> None:
    """By default it has the real time."""
    before = datetime.now(UTC)

    assert before <= Clock().now() <= datetime.now(UTC)


def test_held() -> None:
    """After it is set it stands still, until it is advanced."""
    clock = Clock()
    clock.set(NOON)
    clock.advance(timedelta(hours=1))

    assert clock.now() == NOON + timedelta(hours=1)
    assert clock.seconds() == int(clock.now().timestamp())


def test_running_ahead() -> None:
    """Advanced without being set, it keeps running from there, until it is released."""
    clock = Clock()
    clock.advance(timedelta(days=1))
    ahead = clock.now() - datetime.now(UTC)
    clock.release()

    assert ahead > timedelta(hours=23)
    assert clock.now() - datetime.now(UTC) < timedelta(seconds=1)


def test_aware_times_only() -> None:
    """A datetime without a zone is ambiguous."""
    with pytest.raises(ValueError, match="aware"):
        Clock().set(NOON.replace(tzinfo=None))

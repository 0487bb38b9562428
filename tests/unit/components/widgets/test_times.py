"""Times and durations in the words of people."""

from datetime import UTC, datetime, timedelta

import pytest

from components.widgets.times import ago, in_zone, long

NOON = datetime(2024, 2, 29, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-3, "0.0 seconds"),
        (0.42, "0.4 seconds"),
        (9.9, "9.9 seconds"),
        (10, "10 seconds"),
        (119, "119 seconds"),
        (120, "2 minutes"),
        (7_199, "119 minutes"),
        (7_200, "2 hours"),
        (172_799, "47 hours"),
        (172_800, "2 days"),
    ],
)
def test_how_long(seconds: float, words: str) -> None:
    """About how long, in a unit of which there are at least two."""
    assert long(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-1, "just now"), (9, "just now"), (25, "25 seconds ago"), (600, "10 minutes ago")],
)
def test_how_long_ago(seconds: float, words: str) -> None:
    """A clock that is a little ahead makes nothing happen in the future."""
    assert ago(NOON - timedelta(seconds=seconds), NOON) == words


def test_a_time_is_shown_in_a_zone() -> None:
    """With the zone's own name; no time is nothing."""
    assert in_zone(NOON, "Europe/Berlin") == "29 Feb 2024, 13:00 CET"
    assert in_zone(None, "UTC") == ""

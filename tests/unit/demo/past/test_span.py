"""Which orders of the demo's past are made when."""

from datetime import UTC, datetime, timedelta

from cardpay.demo.past.span import Span


def test_what_is_made_later_is_captured_before_the_days_that_are_shown_first() -> None:
    """A later capture would be paid out beside theirs: two payouts of one day."""
    captured = 0
    for days in range(60):
        span = Span.until(datetime(2026, 11, 1, 8, tzinfo=UTC) + timedelta(days=days), months=1)
        for order in span.older_orders():
            if order.capture_after is not None:
                captured += 1
                assert order.at < order.at + order.capture_after < span.shown_from
    assert captured > 100

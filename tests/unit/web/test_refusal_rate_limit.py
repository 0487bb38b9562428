"""Refused requests are counted for each remote address."""

from cardpay.web.refusal_rate_limit import RefusalRateLimit


def test_refusals_are_counted_for_each_address() -> None:
    """So many a minute; the next minute is a new one."""
    now = [0.0]
    limit = RefusalRateLimit(3, lambda: now[0])
    assert [limit.is_exceeded_by_one_more("a") for _ in range(5)] == [False] * 3 + [True] * 2
    assert not limit.is_exceeded_by_one_more("b")
    now[0] = 61
    assert not limit.is_exceeded_by_one_more("a")


def test_many_addresses_take_no_more_memory() -> None:
    """The oldest is forgotten."""
    limit = RefusalRateLimit(1)
    for number in range(5_000):
        limit.is_exceeded_by_one_more(str(number))
    assert len(limit._refused._times) <= 1_000

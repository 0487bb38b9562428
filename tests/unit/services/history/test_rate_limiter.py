"""Many threads share one rate, and one 429 slows them all."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from cardpay.gateway.errors import RateLimited
from cardpay.services.history.rate_limiter import RateLimiter
from tests.support.processes.waiting import PATIENCE_SECONDS, wait_for


def test_threads_share_one_rate() -> None:
    """Twenty requests at fifty a second take no less than their turns."""
    limiter = RateLimiter(50)
    began = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: limiter.call(lambda: None), range(20)))
    assert time.monotonic() - began >= 19 / 50


def test_a_429_lets_everybody_wait() -> None:
    """Until Stripe's own time is up; then at half the rate."""
    limiter = RateLimiter(1_000)
    answers = [RateLimited(0.3)]
    refused = threading.Event()

    def read() -> float:
        if answers:
            refusal = answers.pop()
            refused.set()
            raise refusal
        return time.monotonic()

    began = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(limiter.call, read)
        assert refused.wait(PATIENCE_SECONDS)
        wait_for(lambda: limiter._rate < 1_000, "the 429 slows nobody")
        later = [pool.submit(limiter.call, read) for _ in range(7)]
        times = [call.result() for call in (first, *later)]
    assert min(times) - began >= 0.3
    assert limiter._rate < 1_000


def test_it_gives_up_after_a_while() -> None:
    """A 429 that stays is an error."""
    limiter = RateLimiter(1_000)
    tries = []

    def read() -> None:
        tries.append(1)
        raise RateLimited(0.001)

    with pytest.raises(RateLimited):
        limiter.call(read)
    assert len(tries) == 8

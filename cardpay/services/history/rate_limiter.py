"""A rate limiter for requests to Stripe: shared by threads, and slower after each 429."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from cardpay.gateway.errors import RateLimited

_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 30.0
_TRIES = 8  # pauses of about a minute and a half in all: then Stripe is not there
_SLOWEST = 1.0
_RECOVERY = 1.02  # a rate that was halved is back after some 35 good answers

T = TypeVar("T")


class RateLimiter:
    """One rate for all threads. A 429 halves it and makes all of them wait."""

    def __init__(self, requests_per_second: float) -> None:
        self._most = requests_per_second
        self._rate = requests_per_second
        self._next_at = time.monotonic()  # the next free turn
        self._resumes_at = self._next_at  # the end of the last pause
        self._slowed_at = self._next_at
        self._pause_seconds = _FIRST_PAUSE_SECONDS
        self._lock = threading.Lock()

    def call(self, read: Callable[[], T]) -> T:
        """Make a request in its turn and return its answer; again after each 429.

        Raises what `read` raises, RateLimited after too many 429s.
        """
        for _ in range(_TRIES - 1):
            began_at = self._wait()
            try:
                answer = read()
            except RateLimited as limited:
                self._slow_down(began_at, limited.retry_after_seconds)
            else:
                self._speed_up()
                return answer
        self._wait()
        return read()

    def _wait(self) -> float:
        """Wait until it is this thread's turn and no pause is on; return the turn's time."""
        while True:
            with self._lock:
                turn = max(self._next_at, time.monotonic())
                self._next_at = turn + 1 / self._rate
            time.sleep(max(0.0, turn - time.monotonic()))
            if turn >= self._resumes_at:
                return turn

    def _slow_down(self, began_at: float, retry_after_seconds: float | None) -> None:
        with self._lock:
            if began_at <= self._slowed_at:
                return  # sent before the rate was lowered: one burst lowers it once
            self._slowed_at = time.monotonic()
            self._resumes_at = self._slowed_at + (retry_after_seconds or self._pause_seconds)
            self._next_at = max(self._next_at, self._resumes_at)
            self._rate = max(_SLOWEST, self._rate / 2)
            self._pause_seconds = min(_LONGEST_PAUSE_SECONDS, self._pause_seconds * 2)

    def _speed_up(self) -> None:
        with self._lock:
            self._rate = min(self._most, self._rate * _RECOVERY)
            self._pause_seconds = _FIRST_PAUSE_SECONDS

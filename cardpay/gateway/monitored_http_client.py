"""The HTTP client that every request to Stripe goes through: it counts reads and logs requests.

A slow request, or one without a response, is logged as a warning, by method and path, never with
its query or body. It also notes Stripe's clock and can hand out a response unparsed.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit

import stripe

from cardpay.logs.logger import get_logger

_log = get_logger(__name__)

# Stripe normally answers a write within a second; twice that is noticeable on the telephone.
SLOW_SECONDS: Final = 2.0

# Context variables: each thread has its own, and so has each task of one thread.
_captured: ContextVar[list[bytes | str] | None] = ContextVar("captured", default=None)
_sent: ContextVar[int] = ContextVar("sent", default=0)
_request_id: ContextVar[str | None] = ContextVar("stripe_request_id", default=None)


@dataclass(frozen=True)
class ServerTime:
    """Stripe's clock, in whole seconds, and ours at the same moment."""

    stripe_at: datetime
    local_at: datetime


class ReadCounter:
    """Counts reads: of this process, and those not yet saved to the database. Thread-safe."""

    def __init__(self) -> None:
        self._total = self._unsaved = 0
        self._lock = threading.Lock()

    @property
    def total(self) -> int:
        """The number of reads of this process."""
        return self._total

    @property
    def unsaved(self) -> int:
        """The number of reads that are not saved yet."""
        return self._unsaved

    def add(self, reads: int = 1) -> None:
        """Count `reads` more."""
        with self._lock:
            self._total += reads
            self._unsaved += reads

    @contextmanager
    def take_unsaved(self) -> Iterator[int]:
        """The number of unsaved reads, for the caller to save. They count again if it raises."""
        with self._lock:
            reads, self._unsaved = self._unsaved, 0
        try:
            yield reads
        except BaseException:
            with self._lock:
                self._unsaved += reads
            raise


@contextmanager
def requests_sent() -> Iterator[Callable[[], int]]:
    """Around one call of the SDK: how many requests it has sent, which it does by itself again."""
    before = _sent.set(0)
    try:
        yield _sent.get
    finally:
        _sent.reset(before)


class MonitoredHttpClient(stripe.HTTPClient):
    """Wraps another HTTP client of the SDK. Retries count as reads, as they do at Stripe."""

    name = "cardpay"

    def __init__(self, inner: stripe.HTTPClient) -> None:
        """Send every request with `inner`."""
        super().__init__()
        self.reads = ReadCounter()
        self.server_time: ServerTime | None = None
        self._inner = inner

    def request(  # type: ignore[override]  # the SDK's own clients differ in `_usage` too
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[bytes | str, int, Mapping[str, str]]:
        """Body, status and headers of the response. Raises what `inner` raises."""
        _sent.set(_sent.get() + 1)
        if method.lower() == "get":
            self.reads.add()
        begun = time.monotonic()
        status: int | None = None
        request_id = None
        try:
            body, status, response_headers = self._inner.request(method, url, headers, post_data)
            request_id = response_headers.get("request-id")
        finally:
            _request_id.set(request_id)
            _log_request(method, url, status, time.monotonic() - begun)
        self.server_time = _server_time(response_headers)
        captured = _captured.get()
        if status == 200 and captured is not None:
            captured.append(body)
            body = "{}"
        return body, status, response_headers

    @property
    def last_request_id(self) -> str | None:
        """Stripe's id of the calling thread's or task's last request, for Stripe's support."""
        return _request_id.get()

    @contextmanager
    def capture_body(self) -> Iterator[list[bytes | str]]:
        """A list that receives the body of the next successful response, instead of the SDK.

        The SDK parses a body into ordered dicts, which takes three times as long as plain ones. A
        page of a hundred objects should be parsed once, by its consumer.
        """
        bodies: list[bytes | str] = []
        before = _captured.set(bodies)
        try:
            yield bodies
        finally:
            _captured.reset(before)

    def _sleep_time_seconds(self, num_retries: int) -> float:
        return self._inner._sleep_time_seconds(num_retries)  # noqa: SLF001 - the same pauses

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()  # type: ignore[no-untyped-call]  # the SDK leaves it untyped


def _log_request(method: str, url: str, status: int | None, seconds: float) -> None:
    slow = seconds >= SLOW_SECONDS
    log = _log.warning if slow or status is None else _log.debug
    log(
        "slow response from Stripe" if slow else "request to Stripe" if status else "no response",
        method=method.upper(),
        path=urlsplit(url).path,
        status=status,
        duration_ms=round(seconds * 1000),
        stripe_request_id=_request_id.get(),
    )


def _server_time(headers: Mapping[str, str]) -> ServerTime | None:
    """From the `Date` header (RFC 9110, section 6.6.1); None if there is none."""
    date = next((value for name, value in headers.items() if name.lower() == "date"), "")
    try:
        return ServerTime(parsedate_to_datetime(date).astimezone(UTC), datetime.now(UTC))
    except ValueError:
        return None

"""What every request to Stripe passes through: reads are counted, and lists keep their bytes.

What took long, or got no answer, is logged: by method and path, never with a query or a body.
"""

import threading
import time
from collections.abc import Iterator, Mapping
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

# Stripe answers a write within a second, as a rule; a caller notices twice that.
SLOW_SECONDS: Final = 2.0

# A thread has its own, and so has each of several that take turns in one thread.
_kept: ContextVar[list[bytes | str] | None] = ContextVar("kept", default=None)
_request_id: ContextVar[str | None] = ContextVar("stripe_request_id", default=None)


@dataclass(frozen=True)
class TimeSaid:
    """What the other side's clock said, in whole seconds, and what ours said then."""

    theirs: datetime
    ours: datetime


class ReadCounter:
    """How many reads were sent, in all and since somebody last wrote it down. Thread-safe."""

    def __init__(self) -> None:
        self._total = self._unsaved = 0
        self._lock = threading.Lock()

    @property
    def total(self) -> int:
        """Reads of this process."""
        return self._total

    @property
    def unsaved(self) -> int:
        """Reads that are not written down yet."""
        return self._unsaved

    def add(self, reads: int = 1) -> None:
        """Some more were sent."""
        with self._lock:
            self._total += reads
            self._unsaved += reads

    @contextmanager
    def handing_over(self) -> Iterator[int]:
        """The number to write down; it is ours again when writing it down fails."""
        with self._lock:
            reads, self._unsaved = self._unsaved, 0
        try:
            yield reads
        except BaseException:
            with self._lock:
                self._unsaved += reads
            raise


class Transport(stripe.HTTPClient):
    """The SDK's HTTP client around another one. Retries count as reads, as they do at Stripe."""

    name = "cardpay"

    def __init__(self, inner: stripe.HTTPClient) -> None:
        """Send with `inner`."""
        super().__init__()
        self.reads = ReadCounter()
        self.time_said: TimeSaid | None = None
        self._inner = inner

    def request(  # type: ignore[override]  # the SDK's own clients differ in `_usage` too
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[bytes | str, int, Mapping[str, str]]:
        """One request, as `inner` sends it."""
        if method.lower() == "get":
            self.reads.add()
        begun = time.monotonic()
        status: int | None = None
        request_id = None
        try:
            body, status, headers_back = self._inner.request(method, url, headers, post_data)
            request_id = headers_back.get("request-id")
        finally:
            _request_id.set(request_id)
            _tell(method, url, status, time.monotonic() - begun)
        self.time_said = _time_said(headers_back)
        kept = _kept.get()
        if status == 200 and kept is not None:
            kept.append(body)
            body = "{}"
        return body, status, headers_back

    @property
    def last_request_id(self) -> str | None:
        """Stripe's id of the last request that was sent here, for its support."""
        return _request_id.get()

    @contextmanager
    def keeping_the_body(self) -> Iterator[list[bytes | str]]:
        """Hold back the next good body of whoever asks here, unread, in the list.

        The SDK reads a body into ordered dicts, three times as slowly as plain ones; a page of
        a hundred objects is worth reading once, by whoever wants it.
        """
        bodies: list[bytes | str] = []
        before = _kept.set(bodies)
        try:
            yield bodies
        finally:
            _kept.reset(before)

    def _sleep_time_seconds(self, num_retries: int) -> float:
        return self._inner._sleep_time_seconds(num_retries)  # noqa: SLF001 - the same pauses

    def close(self) -> None:
        """Let go of the connections."""
        self._inner.close()  # type: ignore[no-untyped-call]  # the SDK leaves it untyped


def _tell(method: str, url: str, status: int | None, seconds: float) -> None:
    slow = seconds >= SLOW_SECONDS
    say = _log.warning if slow or status is None else _log.debug
    say(
        "slow answer from Stripe" if slow else "asked Stripe" if status else "no answer",
        method=method.upper(),
        path=urlsplit(url).path,
        status=status,
        duration_ms=round(seconds * 1000),
        stripe_request_id=_request_id.get(),
    )


def _time_said(headers: Mapping[str, str]) -> TimeSaid | None:
    """The `Date` header (RFC 9110, section 6.6.1), if there is one."""
    said = next((value for name, value in headers.items() if name.lower() == "date"), "")
    try:
        return TimeSaid(parsedate_to_datetime(said).astimezone(UTC), datetime.now(UTC))
    except ValueError:
        return None

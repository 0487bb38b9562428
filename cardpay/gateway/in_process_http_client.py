"""Lets the SDK call a stand-in for Stripe in the same process.

The SDK builds its requests, retries them and parses the responses as it always does. Only the
socket is replaced.
"""

from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

import stripe


class Reply(Protocol):
    """The stand-in's response."""

    @property
    def status(self) -> int:
        """HTTP status."""

    @property
    def headers(self) -> Mapping[str, str]:
        """HTTP headers."""

    @property
    def body(self) -> bytes:
        """JSON."""


class Send(Protocol):
    """Sends one request to the stand-in. Raises OSError for a lost connection."""

    def __call__(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """`target` is the path with its query."""


class InProcessHttpClient(stripe.HTTPClient):
    """The SDK's HTTP client, over a function call instead of a socket."""

    name = "in_process"

    def __init__(self, send: Send) -> None:
        """Send every request with `send`."""
        super().__init__()
        self._send = send

    def request(  # type: ignore[override]  # the SDK's own clients differ in `_usage` too
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Body, status and headers (names in lower case). Raises the SDK's APIConnectionError."""
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        body = post_data.encode() if isinstance(post_data, str) else post_data or b""
        try:
            reply = self._send(method.upper(), target, dict(headers or {}), body)
        except OSError as error:
            raise stripe.APIConnectionError(  # type: ignore[no-untyped-call]
                "the connection was lost", should_retry=True
            ) from error
        lowered = {name.lower(): value for name, value in reply.headers.items()}
        return reply.body, reply.status, lowered

    def _sleep_time_seconds(self, num_retries: int) -> float:  # noqa: ARG002 - the SDK's signature
        """Retry at once: there is no network to recover and no server to overload."""
        return 0.0

    def close(self) -> None:
        """Nothing to close."""

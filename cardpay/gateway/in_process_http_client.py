"""The SDK's transport for a stand-in that lives in the same process.

The SDK builds, retries and reads its requests as ever; only the socket is missing.
"""

from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

import stripe


class Reply(Protocol):
    """What the stand-in answers."""

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
    """Carry out one request. Any exception stands for a lost connection."""

    def __call__(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """`target` is the path with its query."""


class InProcessClient(stripe.HTTPClient):
    """`stripe.HTTPClient` over a function call."""

    name = "in_process"

    def __init__(self, send: Send) -> None:
        """Send every request with `send`."""
        super().__init__()
        self._send = send

    def request(  # type: ignore[override]  # the SDK's own clients differ in `_usage` too
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """One request; a ConnectionError or TimeoutError becomes the SDK's own error."""
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
        """No pause between tries: there is no network to recover and no load to spare."""
        return 0.0

    def close(self) -> None:
        """Nothing is held open."""

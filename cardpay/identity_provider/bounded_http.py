"""HTTP to the identity provider that ends in a few seconds and takes no more than a little."""

import ssl
import time
from functools import cache
from typing import Final

import httpx

# All of it, however slowly the answer arrives: somebody waits.
SECONDS: Final = 4.0
_LARGEST_BYTES: Final = 1_000_000


class TooMuch(httpx.TransportError):
    """The answer is longer, slower or of another kind than any that is of use."""


class BoundedTransport(httpx.HTTPTransport):
    """Reads an answer as a whole, within bounds."""

    def __init__(self) -> None:
        super().__init__(verify=_trusted())

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request. Raises httpx.TransportError."""
        ends = time.monotonic() + SECONDS
        # What is compressed may become a thousand times as long.
        request.headers["Accept-Encoding"] = "identity"
        answer = super().handle_request(request)
        try:
            if answer.headers.get("content-encoding", "identity") != "identity":
                raise TooMuch("compressed")
            body = bytearray()
            assert isinstance(answer.stream, httpx.SyncByteStream)
            for chunk in answer.stream:
                body += chunk
                if len(body) > _LARGEST_BYTES or time.monotonic() > ends:
                    raise TooMuch("too long")
        finally:
            answer.close()
        return httpx.Response(answer.status_code, headers=answer.headers, content=bytes(body))


@cache
def _trusted() -> ssl.SSLContext:
    """Whom this machine trusts, as browsers do."""
    return ssl.create_default_context()


def timeout() -> httpx.Timeout:
    """For each step; the transport sees to the whole."""
    return httpx.Timeout(SECONDS / 2)

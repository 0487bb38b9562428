"""HTTP to the identity provider that ends in a few seconds and takes no more than a little."""

import socket
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import httpcore
import httpx

# All of it, however slowly the answer arrives: somebody waits.
SECONDS: Final = 4.0
_LARGEST_BYTES: Final = 1_000_000
# Sent at a time, which a socket takes at once; then what is left of the time is looked at.
_PIECE_BYTES: Final = 4_096


class TooMuch(httpx.TransportError):
    """The answer is longer, or of another kind, than any that is of use."""


class BoundedTransport(httpx.HTTPTransport):
    """For one question, whose time begins as this is made. Reads the answer as a whole."""

    def __init__(self) -> None:
        super().__init__(verify=_trusted())
        network = _Network(_End(time.monotonic() + SECONDS))
        # In place of the one that httpx 0.28 has made, which takes no network.
        self._pool = httpcore.ConnectionPool(ssl_context=_trusted(), network_backend=network)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request. Raises httpx.TransportError."""
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
                if len(body) > _LARGEST_BYTES:
                    raise TooMuch("too long")
        finally:
            answer.close()
        return httpx.Response(answer.status_code, headers=answer.headers, content=bytes(body))


@dataclass(frozen=True)
class _End:
    """When the time of a question is over, by the clock of `time.monotonic`."""

    at: float

    def left(self, timeout: float | None) -> float:
        """Seconds for the next step, at most `timeout`. Raises httpcore.TimeoutException."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise httpcore.TimeoutException("too slow")
        return left if timeout is None else min(left, timeout)


class _Network(httpcore.SyncBackend):
    """Connections that end with the question.

    A client's timeouts begin anew with each byte that comes, each address that is tried: headers,
    answers of status 1xx or the ends of chunks that trickle in would last for ever.
    """

    def __init__(self, end: _End) -> None:
        self._end = end

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address that answers."""
        failed: Exception = httpcore.ConnectError("no address")
        for address in _addresses(host, port):
            left = self._end.left(timeout)
            try:
                stream = super().connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
            else:
                return _Stream(stream, self._end)
        raise failed


class _Stream(httpcore.NetworkStream):
    """A connection each step of which has what is left of the question's time."""

    def __init__(self, stream: httpcore.NetworkStream, end: _End) -> None:
        self._stream = stream
        self._end = end

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._end.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE_BYTES):
            piece = buffer[start : start + _PIECE_BYTES]
            self._stream.write(piece, self._end.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = self._end.left(timeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left), self._end)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _addresses(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise httpcore.ConnectError(str(error)) from error
    return [str(address[0]) for *_, address in found]


@cache
def _trusted() -> ssl.SSLContext:
    """Whom this machine trusts, as browsers do."""
    return ssl.create_default_context()


def timeout() -> httpx.Timeout:
    """For each step; the transport sees to the whole."""
    return httpx.Timeout(SECONDS / 2)

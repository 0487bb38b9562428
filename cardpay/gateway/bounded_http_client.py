"""HTTP to Stripe of which a try ends in time, however slowly its answer trickles in.

The timeouts of `requests` begin anew with each byte that comes (its docs: "Timeouts"). And no
redirect is followed: Stripe's API has none, and a write that goes where another says is another.
"""

import http.client
import io
import socket
import time
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, Final

import requests
import stripe
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

# `requests` has separate timeouts for connecting and for reading.
_CONNECT_SHARE: Final = 0.25
# When the try of this thread or task has to be over, by the clock of `time.monotonic`.
_until: ContextVar[float] = ContextVar("until")


class BoundedHttpClient(stripe.RequestsClient):
    """The SDK's usual client, whose answers are over `seconds_per_try` after the request began."""

    def __init__(self, seconds_per_try: float) -> None:
        """Each try may take so long, connecting to one of the host's addresses a quarter of it."""
        connect = seconds_per_try * _CONNECT_SHARE
        super().__init__(timeout=(connect, seconds_per_try - connect))
        self._seconds = seconds_per_try

    def request(  # type: ignore[override]  # the SDK's own differs from its base too
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Body, status and headers of the response. Raises the SDK's APIConnectionError."""
        if getattr(self._thread_local, "session", None) is None:
            self._thread_local.session = _Session()
        before = _until.set(time.monotonic() + self._seconds)
        try:
            return super().request(method, url, headers, post_data)
        finally:
            _until.reset(before)


class _Bounded(io.RawIOBase):
    """What comes from a connection, while there is time."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._raw = connection.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = _until.get() - time.monotonic()
        if left <= 0:
            raise TimeoutError("too slow")
        each = self._connection.gettimeout()
        self._connection.settimeout(left if each is None else min(left, each))
        try:
            return self._raw.readinto(buffer)
        finally:
            self._connection.settimeout(each)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Readable:
    """A connection as `http.client` reads an answer from it."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Bounded(self._connection))


class _Answer(http.client.HTTPResponse):
    def __init__(self, sock: Any, *args: Any, **named: Any) -> None:
        super().__init__(_Readable(sock), *args, **named)  # type: ignore[arg-type]


class _PlainConnection(HTTPConnection):
    response_class = _Answer


class _TlsConnection(HTTPSConnection):
    response_class = _Answer


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


_POOLS: Final = {"http": _PlainPool, "https": _TlsPool}


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **named: Any) -> None:
        super().init_poolmanager(*args, **named)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *args: Any, **named: Any) -> Any:
        manager = super().proxy_manager_for(*args, **named)
        manager.pool_classes_by_scheme = _POOLS
        return manager


class _Session(requests.Session):
    def __init__(self) -> None:
        super().__init__()
        for scheme in _POOLS:
            self.mount(f"{scheme}://", _Adapter())

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """None, wherever it points: the answer is taken as it is."""
        del resp
        return None

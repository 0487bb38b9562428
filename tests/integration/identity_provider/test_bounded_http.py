"""A provider that is slow on purpose: every question ends in time, whatever trickles in."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import pytest

from cardpay.domain.access.role_check_rules import ProviderSilent
from cardpay.identity_provider import bounded_http, one_asks
from cardpay.identity_provider.bounded_http import BoundedTransport, timeout
from tests.support.processes.http_stand_in import StandIn, self_signed, stand_in
from tests.support.processes.openid_stand_in import OpenIdStandIn, openid_stand_in
from tests.support.processes.waiting import PATIENCE_SECONDS, wait_for

# With the pause after each, many times what a question has.
_PIECES = 100
_OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.fixture
def there() -> Iterator[OpenIdStandIn]:
    """A provider of one person."""
    with openid_stand_in() as it:
        yield it


def bounded_client() -> httpx.Client:
    """What asks one question."""
    return httpx.Client(transport=BoundedTransport(), timeout=timeout())


def _whole(content: bytes) -> bytes:
    return _OK + b"Content-Length: %d\r\n\r\n" % len(content) + content


def _status_line(content: bytes) -> Iterable[bytes]:
    return [b"HTTP/1.1 200 ", *[b"a"] * _PIECES, _whole(content).removeprefix(b"HTTP/1.1 200 OK")]


def _headers(content: bytes) -> Iterable[bytes]:
    return [b"HTTP/1.1 200 OK\r\nX: ", *[b"a"] * _PIECES, b"\r\n" + _whole(content)[17:]]


def _early_hints(content: bytes) -> Iterable[bytes]:
    return [*[b"HTTP/1.1 103 Early Hints\r\n\r\n"] * _PIECES, _whole(content)]


def _flood_of_hints(content: bytes) -> Iterable[bytes]:
    return [*[b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1_000] * _PIECES, _whole(content)]


def _chunk_extension(content: bytes) -> Iterable[bytes]:
    yield _OK + b"Transfer-Encoding: chunked\r\n\r\n%x;" % len(content)
    yield from [b"a"] * _PIECES
    yield b"\r\n" + content + b"\r\n0\r\n\r\n"


def _body(content: bytes) -> Iterable[bytes]:
    yield _OK + b"Content-Length: %d\r\n\r\n" % (len(content) + _PIECES)
    yield from [b" "] * _PIECES
    yield content


def _trailers(content: bytes) -> Iterable[bytes]:
    yield _OK + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(content) + content
    yield b"\r\n0\r\nX: "
    yield from [b"a"] * _PIECES
    yield b"\r\n\r\n"


_WAYS = [
    _status_line, _headers, _early_hints, _flood_of_hints, _chunk_extension, _body, _trailers
]  # fmt: skip


@pytest.mark.parametrize("way", _WAYS)
def test_whatever_trickles_in_ends_in_time(
    there: OpenIdStandIn, monkeypatch: pytest.MonkeyPatch, way: Callable[[bytes], Iterable[bytes]]
) -> None:
    """Each byte that comes is no new beginning."""
    monkeypatch.setattr(bounded_http, "SECONDS", 0.4)
    there.trickles = "/.well-known/openid-configuration", way
    with pytest.raises(ProviderSilent):
        there.provider().begin("/")
    assert 0 < there.trickled < _PIECES


@pytest.mark.parametrize("path", ["/token", "/jwks", "/userinfo"])
def test_each_question_ends_in_time(
    there: OpenIdStandIn, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """Token, keys and who somebody is, as somebody signs in and when they are asked about."""
    token = there.signs_in(there.provider()).token
    assert token is not None
    there.trickles, there.id_token_on_refresh = (path, _headers), path != "/userinfo"
    monkeypatch.setattr(bounded_http, "SECONDS", 0.4)
    with pytest.raises(ProviderSilent):
        there.provider().ask_again(token)
    if path != "/userinfo":
        with pytest.raises(ProviderSilent):
            there.signs_in(there.provider())
    assert 0 < there.trickled < _PIECES


def test_nobody_waits_long_for_who_asks(
    there: OpenIdStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the provider says of itself is asked for once; who waits is told in time."""
    monkeypatch.setattr(one_asks, "_LONGEST_WAIT_SECONDS", 0.1)
    monkeypatch.setattr(bounded_http, "SECONDS", 2 * PATIENCE_SECONDS)
    there.trickles = "/.well-known/openid-configuration", _body
    provider = there.provider()
    with ThreadPoolExecutor(1) as first:
        asking = first.submit(provider.begin, "/")
        wait_for(lambda: there.trickled, "nobody asks")
        with pytest.raises(ProviderSilent):
            provider.begin("/")
        assert there.trickled < _PIECES
        there.over.set()
        assert asking.result()


def test_each_address_of_a_host_has_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name of many addresses, none of which answers."""
    with ExitStack() as stack:
        silent = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(2):  # so many it takes; to who comes then it says nothing
            other = stack.enter_context(socket.socket())
            other.setblocking(False)
            other.connect_ex(silent.getsockname())
        begun = time.monotonic()

        def resolved(host: str, port: int, *_: object, **__: object) -> list[tuple[object, ...]]:
            address = socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", port)
            return [address] * (50 if host == "example.com" else 1)

        monkeypatch.setattr(socket, "getaddrinfo", resolved)
        monkeypatch.setattr(bounded_http, "SECONDS", 0.4)
        with bounded_client() as client, pytest.raises(httpx.TimeoutException):
            client.get(f"http://example.com:{silent.getsockname()[1]}/")
        assert time.monotonic() - begun < 5  # of 10 s


def test_who_takes_a_question_slowly_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sending ends in time as well."""
    over, taken = threading.Event(), []
    content = b"x" * 40_000_000
    with socket.create_server(("127.0.0.1", 0)) as server:

        def take() -> None:
            connection, _ = server.accept()
            with connection:
                while not over.wait(0.05) and (data := connection.recv(400_000)):
                    taken.append(len(data))

        thread = threading.Thread(target=take)
        thread.start()
        monkeypatch.setattr(bounded_http, "SECONDS", 1.0)
        try:
            with bounded_client() as client, pytest.raises(httpx.TimeoutException):
                client.post(f"http://127.0.0.1:{server.getsockname()[1]}/", content=content)
            assert sum(taken) < len(content) / 2
        finally:
            over.set()
            thread.join()


def test_tls_is_within_the_time_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who shows a certificate is read; who only ever begins to is left."""
    certificate = self_signed(tmp_path)
    trusts = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr(bounded_http, "_trusted", lambda: trusts)
    with stand_in(StandIn(body={"a": 1}), certificate) as there, bounded_client() as client:
        assert client.get(there.url).json() == {"a": 1}
    monkeypatch.setattr(bounded_http, "SECONDS", 0.4)
    over, begun = threading.Event(), time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as other:

        def begin_to() -> None:
            connection, _ = server.accept()
            with connection, suppress(ConnectionError):
                connection.sendall(b"\x16\x03\x03\x40\x00")  # a record of 16 kB
                for _ in range(_PIECES):
                    over.wait(0.05)
                    connection.sendall(b"a")

        other.submit(begin_to)
        with bounded_client() as client, pytest.raises(httpx.TransportError):
            client.get(f"https://127.0.0.1:{server.getsockname()[1]}/")
        over.set()
    assert time.monotonic() - begun < 3

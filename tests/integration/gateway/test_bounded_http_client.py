"""A Stripe, or what stands in its place, that answers slowly or points elsewhere."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
import stripe

from cardpay.gateway.errors import OutcomeUnknown, StripeUnavailable
from cardpay.gateway.stripe_gateway import StripeGateway
from tests.support.processes.http_stand_in import self_signed

_SECONDS = 0.4
_OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
# With the pause after each, many times what a try has.
_PIECES = 100
_PAUSE_SECONDS = 0.05

Pieces = Callable[[], Iterable[bytes]]


def _headers() -> Iterable[bytes]:
    return [_OK + b"X: ", *[b"a"] * _PIECES, b"\r\nContent-Length: 2\r\n\r\n{}"]


def _early_hints() -> Iterable[bytes]:
    return [*[b"HTTP/1.1 100 Continue\r\n\r\n"] * _PIECES, _OK + b"Content-Length: 2\r\n\r\n{}"]


def _body() -> Iterable[bytes]:
    return [_OK + b"Content-Length: %d\r\n\r\n{" % (_PIECES + 2), *[b" "] * _PIECES, b"}"]


def _chunks() -> Iterable[bytes]:
    return [_OK + b"Transfer-Encoding: chunked\r\n\r\n", *[b"1\r\n \r\n"] * _PIECES]


def _until_the_end() -> Iterable[bytes]:
    return [_OK + b"Connection: close\r\n\r\n{", *[b" "] * _PIECES, b"}"]


@contextmanager
def _answering(pieces: Pieces, certificate: Path | None = None) -> Iterator[tuple[str, list[str]]]:
    """The address of one that answers so, and the first line of each request."""
    asked: list[str] = []
    stop = threading.Event()

    def answer(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            if context is not None:
                connection = context.wrap_socket(connection, server_side=True)
            asked.append(connection.recv(65_536).decode().split("\r\n")[0])
            for piece in pieces():
                connection.sendall(piece)
                if stop.wait(_PAUSE_SECONDS):
                    return

    def serve() -> None:
        with suppress(OSError):
            while not stop.is_set():
                connection, _ = listening.accept()
                threads.append(threading.Thread(target=answer, args=(connection,)))
                threads[-1].start()

    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    threads: list[threading.Thread] = []
    with socket.create_server(("127.0.0.1", 0)) as listening, ExitStack() as stack:
        server = threading.Thread(target=serve)
        server.start()
        stack.callback(server.join)
        stack.callback(lambda: socket.create_connection(listening.getsockname()).close())
        stack.callback(stop.set)
        scheme = "http" if certificate is None else "https"
        yield f"{scheme}://127.0.0.1:{listening.getsockname()[1]}", asked
    for thread in threads:
        thread.join()


def _gateway(url: str) -> StripeGateway:
    return StripeGateway("sk_test_given", api_base=url, seconds_per_try=_SECONDS, read_retries=0)


@pytest.mark.parametrize("pieces", [_headers, _early_hints, _body, _chunks, _until_the_end])
def test_a_read_ends_in_time(pieces: Pieces) -> None:
    """However its answer trickles in."""
    with _answering(pieces) as (url, _):
        begun = time.monotonic()
        with pytest.raises(StripeUnavailable, match="no reply"):
            _gateway(url).retrieve_payment_intent("pi_1")
        assert time.monotonic() - begun < 4 * _SECONDS


def test_a_read_over_tls_ends_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As Stripe is asked."""
    certificate = self_signed(tmp_path)
    monkeypatch.setattr(stripe, "ca_bundle_path", str(certificate))
    with _answering(_body, certificate) as (url, asked):
        begun = time.monotonic()
        with pytest.raises(StripeUnavailable, match="no reply"):
            _gateway(url).retrieve_payment_intent("pi_1")
        assert time.monotonic() - begun < 4 * _SECONDS
        assert len(asked) == 1


def test_a_write_is_unknown_in_time() -> None:
    """It is sent twice with its key, as after any time that is over."""
    with _answering(_body) as (url, asked):
        with pytest.raises(OutcomeUnknown, match="no reply") as unknown:
            _gateway(url).cancel_payment_intent("pi_1", "key")
        assert unknown.value.replayable
        assert asked == ["POST /v1/payment_intents/pi_1/cancel HTTP/1.1"] * 2


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(status: int) -> None:
    """A write stays unknown, and a read can be repeated."""

    def elsewhere() -> Iterable[bytes]:
        location = url.encode() + b"/v1/payment_intents/pi_2"
        yield b"HTTP/1.1 %d Elsewhere\r\nLocation: %b\r\nContent-Length: 0\r\n\r\n" % (
            status,
            location,
        )

    with _answering(elsewhere) as (url, asked):
        with pytest.raises(OutcomeUnknown, match="can't be read") as unknown:
            _gateway(url).cancel_payment_intent("pi_1", "key")
        assert unknown.value.replayable
        with pytest.raises(StripeUnavailable, match="can't be read"):
            _gateway(url).retrieve_payment_intent("pi_1")
        assert asked == [
            "POST /v1/payment_intents/pi_1/cancel HTTP/1.1",
            "GET /v1/payment_intents/pi_1?expand%5B0%5D=latest_charge HTTP/1.1",
        ]

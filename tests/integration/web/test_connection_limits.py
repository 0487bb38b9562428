"""How long and how large each part of a request may be, and how many connections there are."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import repeat

import pytest
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from cardpay.web.connection_limits import ConnectionLimits, LimitedConnections
from tests.support.processes.thread_servers import answered, connected, serving
from tests.support.processes.waiting import PATIENCE_SECONDS, wait_for

GET = b"GET / HTTP/1.1\r\nHost: a\r\n"
NEVER = 3_600.0
PATIENT = ConnectionLimits(
    most=4, head_seconds=NEVER, body_seconds=NEVER, write_seconds=NEVER, body_bytes=100_000
)
# Long enough for what a test says at once, on a busy machine too.
HASTY = ConnectionLimits(head_seconds=2.0, body_seconds=2.0, write_seconds=2.0)
MUCH = b"x" * 64 * 1024 * 1024


async def _here(request: Request) -> Response:
    return PlainTextResponse(f"here {len(await request.body())}")


async def _much(_request: Request) -> Response:
    return Response(MUCH)


async def _some(request: Request) -> Response:
    return Response(MUCH[: int(request.query_params["bytes"])])


async def _endless(_request: Request) -> Response:
    return StreamingResponse(repeat(b"x" * 65_536))


async def _endless_socket(socket: WebSocket) -> None:
    await socket.accept()
    while True:
        await socket.send_bytes(b"x" * 65_536)


async def _socket(socket: WebSocket) -> None:
    await socket.accept()
    while (said := await socket.receive())["type"] == "websocket.receive":
        await socket.send_bytes(said["text"].encode() if "text" in said else said["bytes"])


_ASKS_TO_OPEN = threading.Event()


_MAY_ANSWER, _HAS_ANSWERED = threading.Event(), threading.Event()


async def _slow(scope: Scope, receive: Receive, send: Send) -> None:
    await run_in_threadpool(_MAY_ANSWER.wait, PATIENCE_SECONDS)
    try:
        await PlainTextResponse("slow")(scope, receive, send)
    finally:
        _HAS_ANSWERED.set()


async def _late(socket: WebSocket) -> None:
    await socket.receive()
    _ASKS_TO_OPEN.set()
    await socket.receive()


def app(limits: ConnectionLimits) -> Starlette:
    """An app behind the limits."""
    return Starlette(
        routes=[
            Route("/", _here, methods=["GET", "POST"]),
            Route("/much", _much),
            Route("/some", _some),
            Mount("/slow", _slow),
            Route("/endless", _endless),
            WebSocketRoute("/endless-socket", _endless_socket),
            WebSocketRoute("/socket", _socket),
            WebSocketRoute("/late", _late),
        ],
        middleware=[Middleware(LimitedConnections, limits=limits)],
    )


@pytest.fixture(scope="module", params=["httptools", "h11"])
def patient(request: pytest.FixtureRequest) -> Iterator[int]:
    """A server that waits for ever, and has few places."""
    with serving(app(PATIENT), request.param) as port:
        yield port


@pytest.fixture(scope="module", params=["httptools", "h11"])
def hasty(request: pytest.FixtureRequest) -> Iterator[int]:
    """A server that hardly waits at all."""
    with serving(app(HASTY), request.param) as port:
        yield port


def asked(port: int, *said: bytes) -> bytes:
    """What comes back until the server closes."""
    with connected(port) as connection:
        try:
            for data in said:
                connection.sendall(data)
        except ConnectionError:
            pass  # it closes while we still speak
        return answered(connection)


def test_a_request_is_answered_as_ever(patient: int) -> None:
    """In pieces, with a body, one after the other; the server does not say what it is."""
    close = b"Connection: close\r\n"
    got = asked(patient, GET[:9], GET[9:] + b"\r\n", GET + close + b"\r\n")
    assert got.count(b"here 0") == 2
    assert b"server:" not in got.lower()
    body = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50000\r\n" + close + b"\r\n"
    assert b"here 50000" in asked(patient, body, b"x" * 25_000, b"x" * 25_000)


@pytest.mark.parametrize(
    "piece",
    [b"X: y\r\n", b"X-Long: " + b"y" * 1_000, b"y" * 65_536],
    ids=["many", "one", "chunks"],
)
def test_headers_end_some_time(patient: int, piece: bytes) -> None:
    """They are read no further than to their limit."""
    got = asked(patient, GET, *[piece] * (10_000_000 // len(piece)))
    assert b"here" not in got


def test_a_body_ends_some_time(patient: int) -> None:
    """Trailers, which no limit of a body's length sees, count as well."""
    head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n"
    assert b"here" not in asked(patient, head, *[b"X: y\r\n" * 1_000] * 1_000)


@pytest.mark.parametrize(
    ("trailers", "is_answered"),
    [
        (b"Cookie: a\r\n" * 100, True),
        (b"Cookie: a\r\n" * 5_000, False),
        (b"Cookie: " + b"a" * 60_000, False),
    ],
    ids=["few", "many", "long"],
)
def test_trailers_end_long_before_a_body_has_to(trailers: bytes, *, is_answered: bool) -> None:
    """They would be kept, each many times its size, among the headers of the request."""
    head = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    with serving(app(ConnectionLimits()), "httptools") as port:
        got = asked(port, head + b"1\r\nx\r\n0\r\n", trailers, b"\r\n\r\n")
    assert (b"here 1" in got) is is_answered


def test_a_large_body_in_small_chunks_is_a_body() -> None:
    """It is read as it comes."""
    head = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    with serving(app(ConnectionLimits()), "httptools") as port:
        got = asked(port, head, b"1\r\nx\r\n" * 50_000, b"0\r\n\r\n")
    assert b"here 50000" in got


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    ("said", "answer"),
    [
        pytest.param(b"", b"", id="nothing"),
        pytest.param(GET, b"HTTP/1.1 408 ", id="half a head"),
        pytest.param(b"G", b"HTTP/1.1 408 ", id="a letter"),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx", b"", id="half a body"
        ),
    ],
)
def test_who_does_not_get_on_with_it_is_closed(hasty: int, said: bytes, answer: bytes) -> None:
    """Without anything having been asked of the app."""
    got = asked(hasty, said)
    assert got.startswith(answer)
    assert b"here" not in got


def test_the_second_request_of_a_connection_has_its_time_too(hasty: int) -> None:
    """And the first was answered."""
    with connected(hasty) as connection:
        connection.sendall(GET + b"\r\n")
        assert b"here 0" in connection.recv(65_536)
        connection.sendall(GET)
        assert answered(connection).startswith(b"HTTP/1.1 408 ")


def test_who_takes_nothing_of_an_answer_is_cut_off(hasty: int) -> None:
    """It would be held in memory for ever."""
    with connected(hasty) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(b"GET /much HTTP/1.1\r\nHost: a\r\n\r\n")
        # The other side has gone once writing fails.
        with pytest.raises(ConnectionError):
            _write_for_ever(connection)


def unread(port: int) -> socket.socket:
    """A connection whose client has room for hardly anything."""
    connection = socket.socket()
    connection.settimeout(PATIENCE_SECONDS)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", port))
    return connection


def _write_for_ever(connection: socket.socket, data: bytes = b"x" * 65_536) -> None:
    while True:
        connection.sendall(data)


def test_the_rest_of_an_answer_holds_no_connection_open(hasty: int) -> None:
    """However little of it is left to be taken, behind which the connection is to be closed."""
    with ExitStack() as open_ones:
        for size in range(49_152, 1_000_000, 49_152):  # which leaves a little depends on buffers
            connection = open_ones.enter_context(unread(hasty))
            request = f"GET /some?bytes={size} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            connection.sendall(request.encode())
            open_ones.callback(_is_cut_off, connection)


def _is_cut_off(connection: socket.socket) -> None:
    with pytest.raises(ConnectionError):
        _write_for_ever(connection)


def test_whoever_waits_longest_makes_room(patient: int) -> None:
    """Connections that say nothing keep nobody out."""
    silent = [connected(patient) for _ in range(4)]
    with connected(patient) as late:
        late.sendall(GET + b"\r\n")
        assert b"here" in late.recv(65_536)
        assert answered(silent[0]) == b""
        for connection in silent[1:]:
            connection.sendall(GET + b"\r\n")
            assert b"here" in connection.recv(65_536)
            connection.close()


def test_slow_bodies_make_room(patient: int) -> None:
    """Nor do those that come little by little, though one has nearly all of its own."""
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50000\r\n\r\n"
    slow = [connected(patient) for _ in range(4)]
    for connection in slow:
        connection.sendall(head + b"x" * 49_999)
    with connected(patient) as late:
        late.sendall(GET + b"\r\n")
        assert b"here" in late.recv(65_536)
        assert answered(slow[0]) == b""
        for connection in slow[1:]:
            connection.sendall(b"x")
            assert b"here 50000" in connection.recv(65_536)
            connection.close()


def test_nobody_asks_far_ahead_of_the_answers() -> None:
    """Of 10,000 requests in one write hardly any is taken in: each would be held in memory.

    h11 looks at the next one once it has answered.
    """
    with serving(app(PATIENT), "httptools") as port:
        got = asked(port, (GET + b"\r\n") * 10_000)
    assert got.count(b"here 0") < 500


@pytest.mark.parametrize("path", ["/endless", "/endless-socket"])
def test_who_takes_nothing_makes_room(patient: int, path: str) -> None:
    """Of an answer or of what a websocket is told: the server waits for them alone."""
    asks = f"GET {path} HTTP/1.1\r\nHost: a\r\n".encode()
    if "socket" in path:
        asks += UPGRADE + KEY
    with ExitStack() as open_ones:
        for _ in range(4):
            open_ones.enter_context(unread(patient)).sendall(asks + b"\r\n")
        ask = GET + b"Connection: close\r\n\r\n"
        wait_for(lambda: b"here" in asked(patient, ask), "there is no room")


UPGRADE = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
KEY = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"


@pytest.mark.parametrize(
    "behind",
    [
        pytest.param((GET + b"\r\n") * 30, id="too many"),
        pytest.param(
            b"GET /socket HTTP/1.1\r\nHost: a\r\n" + UPGRADE + KEY + b"\r\n", id="socket"
        ),
        pytest.param((GET + b"\r\n") * 2 + b"no request\r\n\r\n", id="no request"),
    ],
)
def test_what_is_answered_into_nothing_is_no_error(
    caplog: pytest.LogCaptureFixture, behind: bytes
) -> None:
    """What came behind it has closed the connection."""
    _MAY_ANSWER.clear()
    _HAS_ANSWERED.clear()
    with serving(app(PATIENT), "httptools") as port:
        got = asked(port, GET.replace(b"/", b"/slow/", 1) + b"\r\n" + behind)
        _MAY_ANSWER.set()
        assert _HAS_ANSWERED.wait(PATIENCE_SECONDS)
        assert b"here" in asked(port, GET + b"Connection: close\r\n\r\n")
    assert b"here" not in got
    assert b"slow" not in got
    assert [each for each in caplog.records if each.exc_info] == []


def opened(port: int) -> socket.socket:
    """A websocket."""
    connection = connected(port)
    connection.sendall(b"GET /socket HTTP/1.1\r\nHost: a\r\n" + UPGRADE + KEY + b"\r\n")
    assert b" 101 " in connection.recv(65_536)
    return connection


@pytest.mark.parametrize(
    ("first", "frame"),
    [
        pytest.param(b"", b"\x89\x80", id="pings"),
        pytest.param(b"", b"\x8a\x80", id="pongs"),
        pytest.param(b"\x02\x80" + bytes(4), b"\x00\x80", id="a message that never ends"),
        pytest.param(b"", b"\x82\x80", id="empty messages"),
    ],
)
def test_who_sends_ever_more_frames_is_cut_off(patient: int, first: bytes, frame: bytes) -> None:
    """Some bytes each, which would keep the server from everybody else."""
    with opened(patient) as connection:
        connection.sendall(first + (frame + bytes(4)) * 200)
        with pytest.raises(ConnectionError):
            _write_for_ever(connection, (frame + bytes(4)) * 700)


NO_TEXT = b"\x81\x81" + bytes(4) + b"\xff"


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param(NO_TEXT, id="at once"),
        pytest.param(NO_TEXT + b"\x88\x80" + bytes(4), id="and closed"),
        pytest.param(b"\x01\x81" + bytes(4) + b"\xc3\x80\x80" + bytes(4), id="half a letter"),
    ],
)
def test_text_that_is_none_closes_the_socket(
    patient: int, caplog: pytest.LogCaptureFixture, frames: bytes
) -> None:
    """Whoever sends it has said so, and the log need not be told."""
    with opened(patient) as connection:
        connection.sendall(frames)
        assert answered(connection)[2:4] == (1007).to_bytes(2, "big")
    assert caplog.records == []


def test_a_letter_in_two_frames_is_text(patient: int) -> None:
    """With a ping between them; what comes next may be bytes that are no text."""
    with opened(patient) as connection, connection.makefile("rb") as told:
        connection.sendall(b"\x01\x81" + bytes(4) + b"\xc3\x89\x80" + bytes(4))
        connection.sendall(b"\x80\x81" + bytes(4) + b"\xa9")
        connection.sendall(b"\x82\x81" + bytes(4) + b"\xff")
        assert told.read(9) == b"\x8a\x00\x82\x02\xc3\xa9\x82\x01\xff"


@pytest.mark.parametrize(
    "frame", [NO_TEXT, b"\x88\x81" + bytes(4) + b"\x03", b"\x82\x00", b"\x80\x80" + bytes(4)]
)
def test_who_speaks_before_the_socket_is_open_is_cut_off(
    patient: int, caplog: pytest.LogCaptureFixture, frame: bytes
) -> None:
    """Nobody may (RFC 6455, section 4.1), and no traceback comes of it."""
    _ASKS_TO_OPEN.clear()
    with connected(patient) as connection:
        connection.sendall(b"GET /late HTTP/1.1\r\nHost: a\r\n" + UPGRADE + KEY + b"\r\n")
        assert _ASKS_TO_OPEN.wait(PATIENCE_SECONDS)
        connection.sendall(frame)
        assert answered(connection) == b""
    assert caplog.records == []


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(KEY + b"Content-Length: 5\r\n\r\n12345", id="a body"),
        pytest.param(KEY + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", id="chunks"),
        pytest.param(KEY + b"X: y\r\n" * 200 + b"\r\n", id="many headers"),
        pytest.param(KEY + b"X: " + b"y" * 20_000 + b"\r\n\r\n", id="a long one"),
        pytest.param(b"\r\n", id="no key"),
        pytest.param(b"Sec-WebSocket-Key: \xe9\r\n\r\n", id="no key of ASCII"),
    ],
)
def test_what_cannot_become_a_websocket_is_answered_and_closed(
    hasty: int, caplog: pytest.LogCaptureFixture, said: bytes
) -> None:
    """At once; and nothing comes of it when its head would have been late."""
    got = asked(hasty, b"GET /socket HTTP/1.1\r\nHost: a\r\n" + UPGRADE + said)
    assert got.startswith(b"HTTP/1.1 400 ")
    # A connection after it that is late as well: by then the time of the first has passed.
    assert asked(hasty, GET).startswith(b"HTTP/1.1 408 ")
    assert [each for each in caplog.records if each.exc_info] == []


def test_websockets_make_room_for_nobody(patient: int) -> None:
    """They are in use: a newcomer is turned away until one has gone."""
    sockets = [opened(patient) for _ in range(4)]
    assert asked(patient, GET + b"\r\n") == b""
    # A message that is larger than any page's is never read to its end.
    sockets[0].sendall(b"\x82\xff" + (300 * 1024).to_bytes(8, "big") + bytes(4))
    assert answered(sockets[0])[2:4] == (1009).to_bytes(2, "big")
    with connected(patient) as late:
        late.sendall(GET + b"\r\n")
        assert b"here" in late.recv(65_536)
    for each in sockets:
        each.close()

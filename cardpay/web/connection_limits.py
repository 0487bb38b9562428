"""Limits of connections that uvicorn has no setting for, or that Streamlit's start does not set.

Both `streamlit run` and the command `uvicorn` make a `uvicorn.Config` before they load the app. It
is the one that sends `lifespan.startup`, before the first connection is taken, and is changed then
(uvicorn 0.54: `LifespanOn`).
"""

import asyncio
import codecs
import resource
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn import Config

from cardpay.logs.logger import get_logger
from cardpay.web.rate_limit import Allowance, Rate

_log = get_logger(__name__)

# Of a request's first line and headers: two sign-in cookies of 4 kB each, with room.
LARGEST_HEAD_BYTES: Final = 32 * 1024
# Of a message to a websocket, before anybody looks at it: what a page with all its fields sends.
LARGEST_SOCKET_MESSAGE_BYTES: Final = 256 * 1024
# One read may bring thousands of requests or frames, each of which costs the server far more than
# its few bytes. Of so much at a time what it brought is counted, before the rest is looked at.
_PIECE_BYTES: Final = 4 * 1024
_MOST_DESCRIPTORS: Final = 16_384
# What a frame is part of (RFC 6455, section 5.2).
_CONTINUATION, _TEXT, _BINARY = range(3)
# A page's messages have one or a few each, and a browser answers our pings.
FRAMES: Final = Rate(at_once=300, per_second=50)


@dataclass(frozen=True)
class ConnectionLimits:
    """How many connections, and how long for each part of a request.

    `most` counts websockets too. `body_bytes` is more than BodyLimit reads of a body that it
    refuses. `write_seconds` is how long a client may leave some of what is sent to it untaken.
    `ahead` is how many requests of a connection may wait behind the one that is being answered:
    browsers and proxies wait with the next. `frames` are a websocket's, of whatever kind.
    """

    most: int = 1_000
    head_bytes: int = LARGEST_HEAD_BYTES
    head_seconds: float = 10.0
    body_bytes: int = 16 * 1024 * 1024
    body_seconds: float = 60.0
    write_seconds: float = 60.0
    ahead: int = 10
    frames: Rate = FRAMES


class LimitedConnections:
    """ASGI middleware that limits the connections of the uvicorn which serves it."""

    def __init__(self, app: ASGIApp, limits: ConnectionLimits | None = None) -> None:
        """Wrap `app`."""
        self._app = app
        self._limits = limits or ConnectionLimits()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Set the limits as the server starts; pass everything on."""
        if scope["type"] == "lifespan":
            config = getattr(getattr(receive, "__self__", None), "config", None)
            if isinstance(config, Config):
                limit(config, self._limits)
            else:
                _log.warning("connections are not limited: the server is not uvicorn")
        await self._app(scope, receive, send)


def limit(config: Config, limits: ConnectionLimits) -> None:
    """Have every connection from now on keep to the limits."""
    _allow_descriptors()
    pool = _Pool(limits)
    http, socket = config.http_protocol_class, config.ws_protocol_class
    config.http_protocol_class = type("LimitedHttp", (_LimitedHttp, http), {"pool": pool})
    if socket is not None:
        config.ws_protocol_class = type("LimitedSocket", (_LimitedSocket, socket), {"pool": pool})
    config.ws_max_size = LARGEST_SOCKET_MESSAGE_BYTES
    config.ws_per_message_deflate = False  # as Streamlit has it: a bomb is never unpacked
    config.h11_max_incomplete_event_size = limits.head_bytes
    config.encoded_headers = [each for each in config.encoded_headers if each[0] != b"server"]


def _allow_descriptors() -> None:
    """As many open files as may be had: a session of Streamlit's holds three beside its socket."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _MOST_DESCRIPTORS)
    if resource.RLIM_INFINITY != soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class _Pool:
    """The open connections, oldest first."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self.limits = limits
        self._open: dict[asyncio.Transport, _LimitedWriting] = {}

    def enter(self, transport: asyncio.Transport, protocol: "_LimitedWriting") -> bool:
        """Take a connection in; False if there is no place.

        Whoever was first among those who have not asked for anything, or not to the end, or who
        do not take the answer, makes room: so those who say nothing, or little by little, keep
        nobody out.
        """
        if len(self._open) >= self.limits.most:
            idle = next((each for each, its in self._open.items() if its.waits()), None)
            if idle is None:
                return False
            self.left(idle)
            idle.abort()
        self._open[transport] = protocol
        return True

    def becomes(self, transport: asyncio.Transport, protocol: "_LimitedWriting") -> None:
        """It has become a websocket, of which others decide how many there are."""
        if transport in self._open:
            self._open[transport] = protocol

    def left(self, transport: asyncio.Transport) -> None:
        self._open.pop(transport, None)


def _pieces(data: bytes) -> Iterator[bytes]:
    return (data[start : start + _PIECE_BYTES] for start in range(0, len(data), _PIECE_BYTES))


class _Deadline:
    """Ends a connection, unless it is called off in time."""

    def __init__(self) -> None:
        self._timer: asyncio.TimerHandle | None = None

    def set(self, seconds: float, end: Callable[[], None]) -> None:
        self.call_off()
        self._timer = asyncio.get_running_loop().call_later(seconds, end)

    def call_off(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @property
    def is_set(self) -> bool:
        return self._timer is not None


class _LimitedWriting(asyncio.Protocol):
    """Goes before uvicorn's protocol: cut off if the client does not take what it is sent."""

    pool: _Pool
    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._stalled = _Deadline()
        # What is less than the usual mark would lie here unseen, and a connection that is to close
        # behind it never would.
        transport.set_write_buffer_limits(high=0)
        super().connection_made(transport)

    def waits(self) -> bool:
        """Whether it is the client whom the server waits for."""
        return self._stalled.is_set or self.transport.is_closing()

    def pause_writing(self) -> None:
        self._stalled.set(self.pool.limits.write_seconds, self.transport.abort)
        super().pause_writing()

    def resume_writing(self) -> None:
        self._stalled.call_off()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stalled.call_off()
        self.pool.left(self.transport)
        super().connection_lost(exc)


class _LimitedSocket(_LimitedWriting):
    """Goes before uvicorn's protocol: cut off if what it is sent comes in ever more frames.

    Pings and empty frames never reach the app, and a second of them takes the server many. What
    uvicorn 0.54 would stumble over, with a traceback in the log, doesn't reach it: frames before
    the handshake is complete, which nobody may send, and text that is none.
    """

    conn: Any  # uvicorn's: the websocket as bytes (websockets 17, sans-I/O)
    handshake_initiated: bool
    handshake_complete: bool

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._allowance = Allowance(self.pool.limits.frames)
        self._frames = 0
        self._text: codecs.IncrementalDecoder | None = None
        read = self.conn.recv_frame

        def looked_at(frame: Any) -> None:
            self._frames += 1
            self._decode(frame)
            read(frame)

        self.conn.recv_frame = looked_at

    def _decode(self, frame: Any) -> None:
        """Raise UnicodeDecodeError for text that is none: websockets closes then, with 1007."""
        if frame.opcode == _TEXT:
            self._text = codecs.getincrementaldecoder("utf-8")()
        elif frame.opcode == _BINARY:
            self._text = None
        if frame.opcode in {_TEXT, _CONTINUATION} and self._text is not None:
            self._text.decode(frame.data, final=frame.fin)

    def data_received(self, data: bytes) -> None:
        if self.handshake_initiated and not self.handshake_complete:
            self.transport.abort()
            return
        for piece in _pieces(data):
            if self.transport.is_closing():
                return
            self._frames = 0
            super().data_received(piece)
            if not self._allowance.take(self._frames):
                self.transport.abort()

    async def send(self, message: Any) -> None:
        await super().send(message)  # type: ignore[misc]
        if message["type"] == "websocket.http.response.body":
            self.handshake_complete = True  # else uvicorn 0.54 logs each refusal as an error


class _LimitedHttp(_LimitedWriting):
    """Goes before uvicorn's protocol: a request's head and body have a time and a size each."""

    cycle: Any  # uvicorn's: the request whose head came in last
    pipeline: Collection[Any] = ()  # uvicorn's, with httptools: those that wait for an answer
    _answered: Any = None  # with httptools: the one that is being answered

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._deadline = _Deadline()
        self._bytes = 0  # of the head or body that is coming in
        self._is_read = False  # the head is
        self._trailers = 0  # bytes of headers that came behind the body
        self._unread = 0  # bytes of a body of which the parser has made nothing yet
        super().connection_made(transport)
        if self.pool.enter(self.transport, self):
            self._deadline.set(self.pool.limits.head_seconds, self._refuse_slow)
        else:
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        before, in_body = self.cycle, self._in_body()
        self._bytes += len(data)
        for piece in _pieces(data):
            self._unread += len(piece) * self._parses_by_callbacks
            super().data_received(piece)
            if self._in_body() and max(self._unread, self._trailers) > self.pool.limits.head_bytes:
                self.transport.abort()
            if len(self.pipeline) > self.pool.limits.ahead:
                self.transport.abort()
            if self.transport.is_closing() or self.transport.get_protocol() is not self:
                break
        if self.transport.get_protocol() is not self:
            self._has_become_a_socket()
        elif self.transport.is_closing():
            return
        elif self.cycle is not before:
            self._head_is_complete()
        elif in_body:
            self._body_goes_on()
        elif self._bytes > self.pool.limits.head_bytes:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif not self._deadline.is_set:
            self._deadline.set(self.pool.limits.head_seconds, self._refuse_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        self._deadline.call_off()
        self._answer_no_more()
        super().connection_lost(exc)

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        self._answered = cycle
        super()._start_asgi_task(cycle, app)  # type: ignore[misc]

    def _answer_no_more(self) -> None:
        """uvicorn 0.54 tells the last request alone that its connection has gone.

        One before it would still be answered, into nothing: a traceback in the log.
        """
        if self._answered is not None and not self._answered.response_complete:
            self._answered.disconnected = True
            self._answered.message_event.set()

    # httptools calls these, of a body's trailers too: it keeps whatever comes, and uvicorn adds it
    # to the headers of the request that is being answered.

    @property
    def _parses_by_callbacks(self) -> bool:
        return hasattr(super(), "on_header")

    def on_message_begin(self) -> None:
        self._is_read, self._trailers, self._unread = False, 0, 0
        super().on_message_begin()  # type: ignore[misc]

    def on_header(self, name: bytes, value: bytes) -> None:
        self._unread = 0
        if self._is_read:
            self._trailers += len(name) + len(value)
        else:
            super().on_header(name, value)  # type: ignore[misc]

    def on_headers_complete(self) -> None:
        self._is_read, self._unread = True, 0
        super().on_headers_complete()  # type: ignore[misc]

    def on_body(self, body: bytes) -> None:
        self._unread = 0
        super().on_body(body)  # type: ignore[misc]

    def _has_become_a_socket(self) -> None:
        """Its head is complete; what its protocol cannot take as one is answered here."""
        self._deadline.call_off()
        if not self._is_idle():  # what is still answered would stand in the middle of it
            self._answer_no_more()
            self.transport.abort()
        if self.transport.is_closing():
            return
        socket: Any = self.transport.get_protocol()
        self.pool.becomes(self.transport, socket)
        if self._stalled.is_set:
            self._stalled.call_off()
            socket.pause_writing()
        # With a body, say, or with too many headers it would neither be answered nor closed.
        if not socket.handshake_initiated:
            self._refuse(HTTPStatus.BAD_REQUEST)

    def _head_is_complete(self) -> None:
        self._bytes = 0
        self._deadline.call_off()
        if self._in_body():
            self._deadline.set(self.pool.limits.body_seconds, self.transport.abort)

    def _body_goes_on(self) -> None:
        if not self._in_body():
            self._bytes = 0
            self._deadline.call_off()
        elif self._bytes > self.pool.limits.body_bytes:
            self.transport.abort()

    def _is_idle(self) -> bool:
        return self.cycle is None or bool(self.cycle.response_complete)

    def waits(self) -> bool:
        return super().waits() or self._is_idle() or self._in_body()

    def _in_body(self) -> bool:
        return self.cycle is not None and bool(self.cycle.more_body)

    def _refuse_slow(self) -> None:
        if self._bytes:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)
        else:
            self.transport.close()

    def _refuse(self, status: HTTPStatus) -> None:
        if self._is_idle():  # else it would stand in the middle of another answer
            self.transport.write(
                f"HTTP/1.1 {status.value} {status.phrase}\r\n"
                "content-length: 0\r\nconnection: close\r\n\r\n".encode()
            )
        self.transport.close()

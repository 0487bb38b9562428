"""Stands between the network and Streamlit's websocket, which asks nobody who they are."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cardpay.logs.logger import failure, get_logger
from cardpay.web.rate_limit import Allowance, Rate
from components.web.own_page import is_own_page
from components.web.sockets.open_sockets import OpenSockets
from components.web.sockets.socket_messages import (
    BEFORE_SIGN_IN,
    SIGNED_IN,
    MessageRules,
    Verdict,
    judge,
)
from components.web.sockets.stranger_sessions import let_go, session_just_begun
from components.web.sockets.told_at_start import without_server

_log = get_logger(__name__)

Got = TypeVar("Got")

STREAM: Final = "/_stcore/stream"
# Each message of a stranger's draws the sign-in page: some 10 ms of processor.
ALL_STRANGERS: Final = Rate(at_once=100, per_second=20)
# Codes of the WebSocket protocol (RFC 6455, 7.4.1, and the registry that it founds).
_GOING_AWAY: Final = 1001
_PROTOCOL_ERROR: Final = 1002
_UNSUPPORTED: Final = 1003
_TOO_BIG: Final = 1009
_CODES: Final = {"too large": _TOO_BIG, "malformed": _PROTOCOL_ERROR, "text": _UNSUPPORTED}


@dataclass(frozen=True)
class Patience:
    """How long a socket may say nothing: at first, and later."""

    first_seconds: float
    later_seconds: float


# Streamlit's page speaks as soon as it is connected. A page of the desk asks each second whether
# its session goes on; in a tab that nobody sees, each minute.
STRANGERS_PATIENCE: Final = Patience(15, 5 * 60)
SIGNED_IN_PATIENCE: Final = Patience(60, 60 * 60)


class SocketGuard:
    """ASGI middleware around Streamlit's socket: who, what, how much, how many, how long.

    `person_of` gives who is signed in at a connection, or None; it may ask the database.
    Any other socket than Streamlit's is refused, and one that a page of another site opens.
    """

    def __init__(
        self,
        app: ASGIApp,
        person_of: Callable[[HTTPConnection], str | None],
        sockets: OpenSockets | None = None,
        patience: Patience = STRANGERS_PATIENCE,
    ) -> None:
        """Wrap `app`; `patience` is with strangers."""
        self._app = app
        self._person_of = person_of
        self._sockets = sockets or OpenSockets()
        self._patience = patience
        self._line = _Line(ALL_STRANGERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what may be said, until somebody hangs up."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        if scope["path"] != STREAM or _is_of_another_site(HTTPConnection(scope)):
            await send({"type": "websocket.close", "code": 1008})
            return
        try:
            person = await run_in_threadpool(self._person_of, HTTPConnection(scope))
        except Exception as error:  # noqa: BLE001 - the database is away: the page tries again
            _log.error("socket refused", **failure(error))
            await send({"type": "websocket.close", "code": 1013})
            return
        address = scope["client"][0] if scope.get("client") else ""
        guarded: _Guarded
        if person is None:
            guarded = _Stranger(receive, send, BEFORE_SIGN_IN, self._patience, self._line)
        else:
            guarded = _Guarded(receive, send, SIGNED_IN, SIGNED_IN_PATIENCE)
        self._sockets.enter(guarded, address, person, guarded.leave)
        try:
            await self._app(scope, guarded.receive, guarded.send)
        finally:
            self._sockets.left(guarded)
            guarded.over()


def _is_of_another_site(connection: HTTPConnection) -> bool:
    """Browsers name the page that opens a socket (RFC 6455, section 10.2); programs need not.

    Streamlit 1.67 would ask too, and take the pages of any port of this computer for its own. For
    those of others it asks a service on the internet for this computer's address, while everybody
    waits.
    """
    host = connection.headers.get("host")
    named = connection.headers.getlist("origin")
    return not all(is_own_page(origin, host) for origin in named)


class _Line:
    """Strangers wait for each other, in the order in which they came.

    Whoever leaves takes their place in it along, so that it is never longer than they are many.
    """

    def __init__(self, rate: Rate) -> None:
        self._allowance = Allowance(rate)
        self._first = asyncio.Lock()

    async def turn(self) -> None:
        async with self._first:
            await asyncio.sleep(self._allowance.reserve())


class _Guarded:
    """One socket, as Streamlit sees it."""

    def __init__(
        self,
        receive: Receive,
        send: Send,
        rules: MessageRules,
        patience: Patience,
        line: _Line | None = None,
    ) -> None:
        self._receive = receive
        self._send = send
        self._rules = rules
        self._allowance = Allowance(rules.rate)
        self._patience = patience.first_seconds
        self._later = patience.later_seconds
        self._waiting: asyncio.Timeout | None = None
        self._must_leave = False
        self._is_connected = False
        self._is_closed = False
        self._dropped: set[str] = set()
        self._line = line

    def leave(self) -> None:
        """Hang up at once."""
        self._must_leave = True
        if self._waiting is not None and not self._waiting.expired():
            self._waiting.reschedule(asyncio.get_running_loop().time())

    async def receive(self) -> Message:
        """The next message that may be passed on, or that the socket is closed."""
        if not self._is_connected:
            self._is_connected = True
            return await self._receive()  # the handshake, which waits for nobody
        while not self._is_closed:
            try:
                message = await self._unless_told_to_leave(self._receive(), self._patience)
                if message["type"] != "websocket.receive":
                    return message
                verdict = self._judged(message)
                if not isinstance(verdict, Verdict):
                    return await self._hang_up(verdict)
                # What is dropped has cost us time as well.
                await self._unless_told_to_leave(self._turn(), None)
            except TimeoutError:
                return await self._hang_up(_GOING_AWAY)
            if verdict is Verdict.PASS:
                self._patience = self._later
                return message
        return {"type": "websocket.disconnect", "code": _GOING_AWAY}

    async def send(self, message: Message) -> None:
        """Send what may be told; nothing once the socket is closed.

        That the browser has gone is told by `receive` alone: Streamlit 1.67 takes an error here
        for a wrong message, and logs it with its traceback.
        """
        if self._is_closed:
            return
        if message["type"] == "websocket.close":
            self._is_closed = True
        elif message.get("bytes"):
            message = {**message, "bytes": without_server(message["bytes"])}
        try:
            await self._send(message)
        except OSError:  # ASGI specification, "Disconnected Client"
            self._is_closed = True

    def over(self) -> None:
        """What is to be done once Streamlit has let go of the socket."""

    def _judged(self, message: Message) -> Verdict | int:
        """What becomes of it; the code with which to close, if the socket is to be closed."""
        data = message.get("bytes")
        verdict, kind = (Verdict.CLOSE, "text") if data is None else judge(data, self._rules)
        if verdict is Verdict.CLOSE:
            _log.warning("socket closed", reason=kind)
            return _CODES[kind]
        if verdict is Verdict.DROP and kind not in self._dropped:
            self._dropped.add(kind)
            _log.warning("socket message dropped", kind=kind)
        return verdict

    async def _turn(self) -> None:
        wait = self._allowance.reserve()
        if self._line is None:
            await asyncio.sleep(wait)
        elif wait:
            raise TimeoutError  # nobody presses "Sign in" so often
        else:
            await self._line.turn()

    async def _unless_told_to_leave(self, work: Awaitable[Got], seconds: float | None) -> Got:
        """What comes of it; TimeoutError after so long, or as soon as it has to make room."""
        try:
            async with asyncio.timeout(0 if self._must_leave else seconds) as self._waiting:
                return await work
        finally:
            self._waiting = None

    async def _hang_up(self, code: int) -> Message:
        await self.send({"type": "websocket.close", "code": code})
        return {"type": "websocket.disconnect", "code": code}


class _Stranger(_Guarded):
    """A socket whose session ends with it."""

    _session_id: str | None = None

    async def receive(self) -> Message:
        """As above; between the handshake and this, Streamlit has begun the session."""
        if self._is_connected and self._session_id is None:
            self._session_id = session_just_begun()
        return await super().receive()

    def over(self) -> None:
        """Let go of what Streamlit keeps of it."""
        if self._session_id is not None:
            let_go(self._session_id)

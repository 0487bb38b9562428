"""What comes through to Streamlit's socket, and when it is closed."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from starlette.requests import HTTPConnection
from starlette.types import Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

from cardpay.web.rate_limit import Rate
from components.web.sockets import socket_guard
from components.web.sockets.open_sockets import OpenSockets
from components.web.sockets.socket_guard import STREAM, Patience, SocketGuard
from tests.support.processes.asgi_sockets import AsgiSocket, echo, socket_scope
from tests.support.processes.asyncio_in_thread import run

RERUN = BackMsg()
RERUN.rerun_script.SetInParent()
DRAW = RERUN.SerializeToString()
GIT = BackMsg(load_git_info=True).SerializeToString()
LARGE = BackMsg()
LARGE.rerun_script.widget_states.widgets.add(id="$$ID-1-name", string_value="x" * 10_000)
STAFF = {"cookie": "person=1"}


class Sessions:
    """Streamlit's, as the guard is told of them."""

    def __init__(self) -> None:
        """None."""
        self.begun = 0
        self.gone: list[str] = []

    def just_begun(self) -> str:
        """The last one."""
        self.begun += 1
        return f"session {self.begun}"


@pytest.fixture
def sessions(monkeypatch: pytest.MonkeyPatch) -> Sessions:
    """In place of a runtime of Streamlit's."""
    made = Sessions()
    monkeypatch.setattr(socket_guard, "session_just_begun", made.just_begun)
    monkeypatch.setattr(socket_guard, "let_go", made.gone.append)
    return made


def person_of(connection: HTTPConnection) -> str | None:
    """Who has the cookie."""
    return connection.cookies.get("person")


def guard(**options: Any) -> SocketGuard:
    """Around an app that says everything again."""
    return SocketGuard(echo, person_of=person_of, **options)


def done(work: Coroutine[Any, Any, None]) -> None:
    """Run it."""
    run(work)


def test_what_may_be_said_comes_through_in_order(sessions: Sessions) -> None:
    """What may not is dropped on the way, for everybody."""

    async def talk() -> None:
        for headers in ({}, STAFF):
            socket = AsgiSocket(guard(), socket_scope(STREAM, **headers))
            assert (await socket.received())["type"] == "websocket.accept"
            for data in (GIT, DRAW, GIT, DRAW):
                socket.send(data)
            for _ in range(2):
                assert (await socket.received())["bytes"] == DRAW
            socket.hang_up()
            await socket.over

    done(talk())
    assert sessions.begun == 1  # who is signed in finds theirs again
    assert sessions.gone == ["session 1"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"\xff", 1002, id="no message"),
        pytest.param(LARGE.SerializeToString(), 1009, id="too large"),
        pytest.param("hello", 1003, id="text"),
    ],
)
def test_a_socket_that_says_something_else_is_closed(
    sessions: Sessions, data: bytes | str, code: int
) -> None:
    """And Streamlit hears that it is."""

    async def talk() -> None:
        socket = AsgiSocket(guard(), socket_scope(STREAM))
        await socket.received()
        socket.send(data)
        assert await socket.received() == {"type": "websocket.close", "code": code}
        await socket.over

    done(talk())
    assert sessions.gone == ["session 1"]


@pytest.mark.parametrize(
    ("origin", "kind"),
    [
        pytest.param("http://desk.example.com", "websocket.accept", id="the desk"),
        pytest.param("https://evil.example", "websocket.close", id="another site"),
        pytest.param("http://localhost:9000", "websocket.close", id="another port here"),
        pytest.param("null", "websocket.close", id="a frame without an origin"),
        pytest.param("http://[::1/", "websocket.close", id="no address"),
        pytest.param("", "websocket.close", id="nothing"),
    ],
)
def test_a_page_of_another_site_opens_none(sessions: Sessions, origin: str, kind: str) -> None:
    """And Streamlit, which would ask the internet about it, hears nothing of it."""

    async def talk() -> None:
        scope = socket_scope(STREAM, host="desk.example.com", origin=origin)
        socket = AsgiSocket(guard(), scope)
        assert (await socket.received())["type"] == kind
        socket.hang_up()
        await socket.over

    done(talk())
    assert len(sessions.gone) == (kind == "websocket.accept")


def test_a_browser_that_has_gone_is_no_error(sessions: Sessions) -> None:
    """Streamlit hears of it where it listens, and not where it sends."""

    async def gone(message: Message) -> None:
        if message["type"] == "websocket.send":
            raise OSError

    async def talk() -> None:
        app = guard()
        socket = AsgiSocket(
            lambda scope, receive, _: app(scope, receive, gone), socket_scope(STREAM)
        )
        socket.send(DRAW)
        await socket.over

    done(talk())
    assert sessions.gone == ["session 1"]


def test_after_sign_in_a_page_may_say_more(sessions: Sessions) -> None:
    """Its fields, its card form."""

    async def talk() -> None:
        socket = AsgiSocket(guard(), socket_scope(STREAM, **STAFF))
        await socket.received()
        socket.send(LARGE.SerializeToString())
        assert (await socket.received())["bytes"] == LARGE.SerializeToString()
        socket.hang_up()
        await socket.over

    done(talk())
    assert sessions.begun == 0


def test_while_the_database_is_away_the_page_tries_again() -> None:
    """Nobody is taken for a stranger meanwhile, and each try is one line of the log."""

    def away(_connection: HTTPConnection) -> str | None:
        raise ConnectionError

    async def talk() -> None:
        socket = AsgiSocket(SocketGuard(echo, person_of=away), socket_scope(STREAM))
        assert await socket.received() == {"type": "websocket.close", "code": 1013}
        await socket.over

    done(talk())


def test_there_is_one_socket() -> None:
    """Streamlit's. Nothing else is asked who it is."""

    async def talk() -> None:
        socket = AsgiSocket(guard(), socket_scope("/_stcore/other", **STAFF))
        assert (await socket.received())["type"] == "websocket.close"
        await socket.over

    done(talk())


@pytest.mark.parametrize("patience", [Patience(0, 60), Patience(60, 0)], ids=["first", "later"])
def test_a_stranger_who_says_nothing_is_closed(sessions: Sessions, patience: Patience) -> None:
    """At first, and after they have been drawn the sign-in page."""

    async def talk() -> None:
        socket = AsgiSocket(guard(patience=patience), socket_scope(STREAM))
        await socket.received()
        if patience.first_seconds:
            socket.send(DRAW)
            await socket.received()
        assert await socket.received() == {"type": "websocket.close", "code": 1001}
        await socket.over

    done(talk())
    assert sessions.gone == ["session 1"]


def test_whoever_must_make_room_is_closed(sessions: Sessions) -> None:
    """A crowd of strangers keeps neither a newcomer nor staff out."""

    async def talk() -> None:
        app = guard(sockets=OpenSockets(2, 2, 2))
        staff = AsgiSocket(app, socket_scope(STREAM, **STAFF))
        await staff.received()
        crowd = []
        for number in range(4):
            crowd.append(AsgiSocket(app, socket_scope(STREAM, f"192.0.2.{number}")))
            assert (await crowd[-1].received())["type"] == "websocket.accept"
            crowd[-1].send(DRAW)
            assert (await crowd[-1].received())["bytes"] == DRAW
        for socket in crowd[:2]:
            assert await socket.received() == {"type": "websocket.close", "code": 1001}
            await socket.over
        for socket in (staff, *crowd[2:]):
            socket.send(DRAW)
            assert (await socket.received())["bytes"] == DRAW
            socket.hang_up()
            await socket.over

    done(talk())
    assert sorted(sessions.gone) == [f"session {number}" for number in range(1, 5)]


def test_whoever_is_busy_leaves_as_soon_as_they_listen(sessions: Sessions) -> None:
    """Whoever takes their place need not wait for that."""

    async def talk() -> None:
        first_is_busy, first_is_done = asyncio.Event(), asyncio.Event()

        async def slow(scope: Scope, receive: Receive, send: Send) -> None:
            await receive()
            await send({"type": "websocket.accept"})
            await receive()
            first_is_busy.set()
            await first_is_done.wait()
            assert (await receive())["type"] == "websocket.disconnect"

        app = SocketGuard(slow, person_of=person_of, sockets=OpenSockets(1, 1, 1))
        first = AsgiSocket(app, socket_scope(STREAM))
        await first.received()
        first.send(DRAW)
        await first_is_busy.wait()
        second = AsgiSocket(app, socket_scope(STREAM))
        assert (await second.received())["type"] == "websocket.accept"
        first_is_done.set()
        assert await first.received() == {"type": "websocket.close", "code": 1001}
        await first.over
        second.hang_up()
        second.over.cancel()

    done(talk())


def test_whoever_waits_in_line_and_must_leave_is_gone_from_it(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crowd that comes again and again makes the line no longer."""
    monkeypatch.setattr(socket_guard, "ALL_STRANGERS", Rate(at_once=1, per_second=1e-6))

    async def talk() -> None:
        app = guard(sockets=OpenSockets(2, 2, 2))
        crowd = []
        for number in range(6):
            crowd.append(AsgiSocket(app, socket_scope(STREAM, f"192.0.2.{number}")))
            await crowd[-1].received()
            crowd[-1].send(DRAW)
        assert (await crowd[0].received())["bytes"] == DRAW
        for socket in crowd[:4]:
            assert await socket.received() == {"type": "websocket.close", "code": 1001}
            await socket.over
        for socket in crowd[4:]:
            socket.over.cancel()

    done(talk())


def test_a_stranger_in_a_hurry_is_closed(sessions: Sessions) -> None:
    """What they had sent already is not drawn any more. Nobody presses "Sign in" so often."""

    async def talk() -> None:
        socket = AsgiSocket(guard(), socket_scope(STREAM))
        await socket.received()
        for _ in range(50):
            socket.send(DRAW)
        for _ in range(10):
            assert (await socket.received())["bytes"] == DRAW
        assert await socket.received() == {"type": "websocket.close", "code": 1001}
        await socket.over

    done(talk())
    assert sessions.gone == ["session 1"]


def test_staff_in_a_hurry_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of what they did is lost, and they do not stand in the strangers' line."""
    waited: list[float] = []
    own, really_sleep = list[asyncio.AbstractEventLoop](), asyncio.sleep

    async def sleep(seconds: float) -> None:
        if asyncio.get_running_loop() in own:
            waited.append(seconds)
        else:  # a server of another test's, in a thread
            await really_sleep(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)

    async def talk() -> None:
        own.append(asyncio.get_running_loop())
        socket = AsgiSocket(guard(), socket_scope(STREAM, **STAFF))
        await socket.received()
        for _ in range(110):
            socket.send(DRAW)
            assert (await socket.received())["bytes"] == DRAW
        socket.hang_up()
        await socket.over

    done(talk())
    assert len(waited) == 110
    assert not any(waited[:100])
    assert waited[-1] > 0

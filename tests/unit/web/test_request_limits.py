"""Requests that no browser sends are refused."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from cardpay.web.request_limits import LONGEST_ADDRESS_BYTES, RequestLimits
from cardpay.web.this_computer_alone import ThisComputerAlone
from tests.support.processes.asgi_sockets import AsgiSocket, echo, socket_scope
from tests.support.processes.asyncio_in_thread import run


async def _here(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("here")


async def _socket(socket: WebSocket) -> None:
    await socket.accept()
    await socket.close()


def client(middleware: Middleware, address: str = "192.0.2.1") -> TestClient:
    """An app behind it."""
    routes = [Route("/{rest:path}", _here), WebSocketRoute("/socket", _socket)]
    return TestClient(Starlette(routes=routes, middleware=[middleware]), client=(address, 50_000))


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        pytest.param("/", [("host", "a")], 200, id="one host"),
        pytest.param("/", [("host", "a"), ("Host", "b")], 400, id="two hosts"),
        pytest.param("/", [("host", "a"), ("host", "a")], 400, id="one host twice"),
        pytest.param(f"/?q={'x' * (LONGEST_ADDRESS_BYTES - 3)}", [], 200, id="long query"),
        pytest.param(f"/?q={'x' * (LONGEST_ADDRESS_BYTES - 2)}", [], 414, id="too long a query"),
        pytest.param(f"/{'x' * LONGEST_ADDRESS_BYTES}", [], 414, id="too long a path"),
        pytest.param("/", [("cookie", "x" * 30_000)], 200, id="large cookies"),
        pytest.param("/", [("cookie", "x" * 33_000)], 431, id="too large a cookie"),
        pytest.param("/", [("cookie", 'a="' + '\\"' * 500 + '"')], 200, id="quotes in a cookie"),
        pytest.param("/", [("cookie", 'a="' + '\\"' * 501 + '"')], 431, id="a cookie of quotes"),
        pytest.param("/", [(f"x-{n}", "y" * 100) for n in range(400)], 431, id="many headers"),
    ],
)
def test_a_request_is_in_order_or_refused(
    path: str, headers: list[tuple[str, str]], status: int
) -> None:
    """To the byte."""
    assert client(Middleware(RequestLimits)).get(path, headers=headers).status_code == status


def test_a_socket_with_two_hosts_is_closed() -> None:
    """A proxy may have looked at the other one."""
    scope = socket_scope("/socket")
    scope["headers"] = [(b"host", b"a"), (b"host", b"b")]

    async def talk() -> None:
        socket = AsgiSocket(RequestLimits(echo), scope)
        assert (await socket.received())["type"] == "websocket.close"
        await socket.over

    run(talk())


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("127.0.0.1", 200),
        ("127.9.9.9", 200),
        ("::1", 200),
        ("::ffff:127.0.0.1", 200),
        ("192.168.1.7", 403),
        ("2001:db8::1", 403),
        ("127.0.0.1.example.com", 403),
        ("", 403),
    ],
)
def test_without_sign_in_this_computer_alone_is_answered(address: str, status: int) -> None:
    """Whatever the server listens on; sockets too."""
    there = client(Middleware(ThisComputerAlone), address)
    assert there.get("/").status_code == status
    if status == 200:
        with there.websocket_connect("/socket"):
            pass
    else:
        with pytest.raises(WebSocketDisconnect), there.websocket_connect("/socket"):
            pass

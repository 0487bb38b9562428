"""Requests for another host are refused."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from cardpay.web.trusted_hosts import TrustedHosts


async def _answer(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("here")


async def _socket(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.close()


def client(*hosts: str) -> TestClient:
    """An app that answers to `hosts`."""
    return TestClient(
        Starlette(
            routes=[
                Route("/", _answer),
                Route("/healthz", _answer),
                WebSocketRoute("/socket", _socket),
            ],
            middleware=[Middleware(TrustedHosts, hosts=hosts)],
        )
    )


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("desk.example.com", 200),
        ("DESK.example.com:8501", 200),
        ("a.pool.example.com", 200),
        ("[::1]:8501", 200),
        ("example.com", 400),
        ("desk.example.com.evil.example", 400),
        ("evildesk.example.com", 400),
        ("pool.example.com", 400),
        ("", 400),
        ("desk.example.com:1@evil.example", 400),
        ("[::1]evil.example", 400),
        ("desk.example.com:@evil.example", 400),
        (f"{'a.' * 150}pool.example.com", 400),  # no name is so long: nor is it read
        ("." * 30_000, 400),
    ],
)
def test_only_our_hosts_are_answered(host: str, status: int) -> None:
    """With or without a port; a star stands for what is below, not for the host itself."""
    there = client("desk.example.com", "*.pool.example.com", "::1")
    assert there.get("/", headers={"host": host}).status_code == status


def test_a_websocket_for_another_host_is_closed() -> None:
    """A page of another site cannot reach the desk by a name of its own."""
    with (
        pytest.raises(WebSocketDisconnect),
        client("desk.example.com").websocket_connect("/socket", headers={"host": "evil"}),
    ):
        pass


def test_a_load_balancer_may_ask_by_address() -> None:
    """Whether the process is up is no secret."""
    there = client("desk.example.com")
    assert there.get("/healthz", headers={"host": "10.0.0.7"}).status_code == 200


def test_no_host_named_means_any() -> None:
    """On somebody's own computer."""
    assert client().get("/", headers={"host": "whatever"}).status_code == 200

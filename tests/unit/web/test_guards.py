"""Hosts that are ours, bodies that are not too large, refusals that are counted."""

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from cardpay.web.guards import LARGEST_BODY_BYTES, BodyLimit, RefusalLimit, TrustedHosts


async def _echo(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


async def _socket(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.close()


def client(*hosts: str) -> TestClient:
    """An app behind both guards."""
    return TestClient(
        Starlette(
            routes=[
                Route("/", _echo, methods=["GET", "POST"]),
                Route("/healthz", _echo),
                WebSocketRoute("/socket", _socket),
            ],
            middleware=[Middleware(TrustedHosts, hosts=hosts), Middleware(BodyLimit)],
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


@pytest.mark.parametrize(
    ("size", "status"), [(LARGEST_BODY_BYTES, 200), (LARGEST_BODY_BYTES + 1, 413)]
)
@pytest.mark.parametrize("in_pieces", [False, True], ids=["with its length", "in pieces"])
def test_a_body_that_is_too_large_is_refused(size: int, status: int, in_pieces: bool) -> None:
    """Whether it says how large it is or not."""

    def pieces() -> Iterator[bytes]:
        yield from (b"x" * (size // 2), b"x" * (size - size // 2))

    body = pieces() if in_pieces else b"x" * size
    assert client().post("/", content=body).status_code == status


@pytest.mark.parametrize(
    ("length", "status"),
    [
        (f"{'0' * 18}{LARGEST_BODY_BYTES}", 200),
        (f"{'0' * 18}{LARGEST_BODY_BYTES + 1}", 413),
        ("0" * 40, 200),
        ("9" * 40, 413),
    ],
    ids=["just within", "just beyond", "nothing", "very much"],
)
def test_a_length_is_read_to_its_end(length: str, status: int) -> None:
    """However many digits it has."""
    answer = client().post("/", content=b"", headers={"content-length": length})
    assert answer.status_code == status


def test_refusals_are_counted_for_each_address() -> None:
    """So many a minute; the next minute is a new one."""
    now = [0.0]
    limit = RefusalLimit(3, lambda: now[0])
    assert [limit.is_exceeded_by_one_more("a") for _ in range(5)] == [False] * 3 + [True] * 2
    assert not limit.is_exceeded_by_one_more("b")
    now[0] = 61
    assert not limit.is_exceeded_by_one_more("a")


def test_many_addresses_take_no_more_memory() -> None:
    """The oldest is forgotten."""
    limit = RefusalLimit(1)
    for number in range(5_000):
        limit.is_exceeded_by_one_more(str(number))
    assert len(limit._refused) <= 1_000

"""Bodies that are too large, or too many that do not end, are refused."""

import asyncio
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from cardpay.web.body_limit import LARGEST_BODY_BYTES, MOST_OF_ADDRESS_BYTES, BodyLimit
from tests.support.processes.asyncio_in_thread import run


async def _echo(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


def client() -> TestClient:
    """An app behind the limit."""
    return TestClient(
        Starlette(
            routes=[Route("/", _echo, methods=["GET", "POST"])],
            middleware=[Middleware(BodyLimit)],
        )
    )


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


class _Body:
    """A body that begins, and ends when it is let go on."""

    def __init__(self, limit: BodyLimit, address: str, size: int) -> None:
        self._begins = {"type": "http.request", "body": b"x" * size, "more_body": True}
        self._parts = iter([self._begins])
        self.goes_on, self.is_waiting = asyncio.Event(), asyncio.Event()
        self.status = 0
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/",
            "query_string": b"",
            "headers": [(b"content-length", str(size).encode())],
            "client": (address, 50_000),
        }
        self.ends = asyncio.ensure_future(limit(scope, self._receive, self._send))

    async def _receive(self) -> Message:
        part = next(self._parts, None)
        if part is None:
            self.is_waiting.set()
            await self.goes_on.wait()
            part = {"type": "http.request"}
        return part

    async def arrived(self) -> None:
        """All but its end is read, or it is refused without waiting for that."""
        waiting = asyncio.ensure_future(self.is_waiting.wait())
        await asyncio.wait((waiting, self.ends), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()

    async def _send(self, message: Message) -> None:
        self.status = message.get("status", self.status)


async def _app(scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope, receive)
    await (await _echo(request))(scope, receive, send)


def test_bodies_that_do_not_end_are_bounded() -> None:
    """Of each address, at once; others are served, and so is the same one when they have ended."""
    mib = LARGEST_BODY_BYTES

    async def statuses() -> tuple[int, list[int], int, int]:
        limit = BodyLimit(_app)
        first = [_Body(limit, "192.0.2.1", mib) for _ in range(MOST_OF_ADDRESS_BYTES // mib + 2)]
        other = _Body(limit, "192.0.2.2", mib)
        for body in (*first, other):
            await body.arrived()
        refused = [each.status for each in first if each.ends.done()]
        for body in (*first, other):
            body.goes_on.set()
        again = _Body(limit, "192.0.2.1", mib)
        again.goes_on.set()
        for body in (*first, other, again):
            await body.ends
        served = [each.status for each in first if each.status == 200]
        assert limit.unfinished_bytes == 0
        return len(served), refused, other.status, again.status

    assert run(statuses()) == (8, [429, 429], 200, 200)


def test_those_who_send_much_keep_no_small_one_out() -> None:
    """However many they are."""

    async def statuses() -> tuple[int, int]:
        limit = BodyLimit(_app)
        many = [_Body(limit, f"192.0.2.{n % 10}", LARGEST_BODY_BYTES) for n in range(80)]
        for body in many:
            await body.arrived()
        small = _Body(limit, "198.51.100.1", 256 * 1024)
        large = _Body(limit, "198.51.100.2", LARGEST_BODY_BYTES)
        for body in (*many, small, large):
            body.goes_on.set()
            await body.ends
        return small.status, large.status

    assert run(statuses()) == (200, 429)

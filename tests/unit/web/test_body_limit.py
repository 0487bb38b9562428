"""Bodies that are too large are refused."""

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from cardpay.web.body_limit import LARGEST_BODY_BYTES, BodyLimit


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

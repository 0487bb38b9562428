"""Files of components are asked of Streamlit once, and sent piece by piece."""

from collections import Counter

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from components.web.component_files import ComponentFiles
from tests.support.processes.asyncio_in_thread import run

FILE = "/_stcore/bidi-components/form/index-0a1b.js"
OLDER = "/component/form/index.html"
TEXT = bytes(range(256)) * 1_000


class Streamlit:
    """Answers as Streamlit does, and counts."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()

    async def file(self, request: Request) -> Response:
        """A file, compressed by what is around this."""
        self.asked[request.url.path] += 1
        if "nothing" in request.url.path:
            return Response("read error", 404)
        return Response(TEXT, media_type="text/javascript", headers={"Cache-Control": "public"})

    def client(self) -> TestClient:
        """Whom it is asked by."""
        app = Starlette(
            routes=[Route("/{path:path}", self.file, methods=["GET", "OPTIONS"])],
            middleware=[Middleware(ComponentFiles), Middleware(GZipMiddleware)],
        )
        return TestClient(app)


@pytest.mark.parametrize("path", [FILE, OLDER])
@pytest.mark.parametrize("encoding", ["gzip, br", "identity"])
def test_a_file_is_read_and_compressed_once(path: str, encoding: str) -> None:
    """Whoever asks, and in which way they ask."""
    streamlit = Streamlit()
    client = streamlit.client()
    for origin in ("https://a.example", "https://b.example"):
        got = client.get(f"{path}?{origin}", headers={"accept-encoding": encoding})
        assert got.content == TEXT
        assert got.headers.get("content-encoding", "identity") in encoding
    assert client.head(path, headers={"accept-encoding": encoding}).status_code == 200
    assert streamlit.asked == {path: 1}


def test_only_hashed_names_are_kept_by_browsers() -> None:
    """The older component's page has none."""
    client = Streamlit().client()
    assert "immutable" in client.get(FILE).headers["cache-control"]
    assert client.get(OLDER).headers["cache-control"] == "public"
    assert "immutable" not in client.get(f"{FILE}-nothing").headers.get("cache-control", "")


def test_what_is_not_there_is_not_kept() -> None:
    """Nor is an endless number of addresses."""
    streamlit = Streamlit()
    client = streamlit.client()
    for path in [f"{FILE}?{n}" for n in range(2)] + [f"{FILE}-nothing"] * 2:
        client.get(path)
    assert streamlit.asked == {FILE: 1, f"{FILE}-nothing": 2}
    for number in range(200):
        assert client.get(f"{OLDER}/{number}").content == TEXT
    before = streamlit.asked[f"{OLDER}/199"]
    client.get(f"{OLDER}/199")
    assert streamlit.asked[f"{OLDER}/199"] == before + 1


def test_a_file_is_sent_piece_by_piece() -> None:
    """So that a client who takes nothing keeps little of it in memory."""
    sent: list[Message] = []

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": TEXT})

    async def receive() -> Message:
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": FILE, "headers": []}
    run(ComponentFiles(app)(scope, receive, send))
    pieces = sent[1:]
    assert b"".join(piece["body"] for piece in pieces) == TEXT
    assert max(len(piece["body"]) for piece in pieces) <= 65_536
    assert [piece["more_body"] for piece in pieces] == [True] * (len(pieces) - 1) + [False]

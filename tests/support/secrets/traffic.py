"""What travels between a browser and the servers, written down as it travels.

HTTP both ways with addresses, headers and bodies, and each frame of a websocket; of files that
are the same for everybody (scripts, styles, fonts, images) the address alone.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import (
    Browser,
    BrowserContext,
    Download,
    Error,
    Page,
    Request,
    WebSocket,
)

Part = Literal["address", "headers", "body", "frame"]
To = Literal["server", "browser"]

_SAME_FOR_ALL = frozenset({"script", "stylesheet", "font", "image", "manifest"})


@dataclass(frozen=True)
class Piece:
    """One piece of what travelled, at the address that it travelled to or from."""

    part: Part
    to: To
    url: str
    content: bytes


class Traffic:
    """A folder with what travelled: a line for each piece, and each file that was downloaded."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "traffic.jsonl"
        self.downloads = folder / "downloads"
        self.downloads.mkdir(parents=True, exist_ok=True)

    def pieces(self) -> Iterator[Piece]:
        """All of them, first to last."""
        if self._file.exists():
            with self._file.open() as lines:
                for line in lines:
                    part, to, url, content = json.loads(line)
                    yield Piece(part, to, url, content.encode("latin-1"))

    def write(self, piece: Piece) -> None:
        """Keep a piece."""
        told = (piece.part, piece.to, piece.url, piece.content.decode("latin-1"))
        with self._file.open("a") as file:
            file.write(f"{json.dumps(told)}\n")

    def record(self, browser: Browser) -> None:
        """From now on, in every context that the browser opens, whoever opens it."""
        browser.on("context", self._record_context)

    def _record_context(self, context: BrowserContext) -> None:
        context.on("request", self._asked)
        context.on("requestfinished", self._answered)
        context.on("page", self._record_page)
        context.on("download", self._downloaded)

    def _record_page(self, page: Page) -> None:
        page.on("websocket", self._record_socket)

    def _record_socket(self, socket: WebSocket) -> None:
        url = socket.url
        self.write(Piece("address", "server", url, url.encode()))
        socket.on("framesent", lambda frame: self._frame("server", url, frame))
        socket.on("framereceived", lambda frame: self._frame("browser", url, frame))

    def _frame(self, to: To, url: str, frame: str | bytes) -> None:
        content = frame if isinstance(frame, bytes) else frame.encode()
        self.write(Piece("frame", to, url, content))

    def _asked(self, request: Request) -> None:
        self.write(Piece("address", "server", request.url, request.url.encode()))
        body = request.post_data_buffer
        if body:
            self.write(Piece("body", "server", request.url, body))

    def _answered(self, request: Request) -> None:
        if request.resource_type in _SAME_FOR_ALL:
            return
        with suppress(Error):  # the page may be gone before it can be asked
            sent = request.all_headers()
            self.write(Piece("headers", "server", request.url, json.dumps(sent).encode()))
            response = request.response()
            if response is not None:
                got = json.dumps(response.headers_array())
                self.write(Piece("headers", "browser", request.url, got.encode()))
                self.write(Piece("body", "browser", request.url, response.body()))

    def _downloaded(self, download: Download) -> None:
        with suppress(Error):
            number = len(list(self.downloads.iterdir()))
            download.save_as(self.downloads / f"{number}-{download.suggested_filename}")

"""Files of components are read and compressed once, and sent piece by piece.

Streamlit reads and compresses them anew for each request, and keeps all of one in memory until the
client has taken it (Streamlit 1.67).
"""

from dataclasses import dataclass
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HASHED: Final = "/_stcore/bidi-components/"
_FOLDERS: Final = ("/component/", _HASHED)
# Streamlit sends these with `Cache-Control: public` and no age: each page load asks again. Their
# names contain their hash.
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_PIECE_BYTES: Final = 64 * 1024
# There are some twenty, each compressed and not; one may have several addresses.
_MOST_KEPT: Final = 100


@dataclass(frozen=True)
class _Answer:
    start: Message
    body: bytes


class ComponentFiles:
    """ASGI middleware: answers for component files are those of `app`, asked for once."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self._app = app
        self._kept: dict[tuple[str, bool], _Answer] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what is read of component files; pass on the rest."""
        is_file = scope["type"] == "http" and scope["path"].startswith(_FOLDERS)
        if not is_file or scope["method"] not in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        key = scope["path"], "gzip" in Headers(scope=scope).get("accept-encoding", "")
        answer = self._kept.get(key)
        if answer is None:
            answer = await self._asked(scope, receive, zipped=key[1])
            if answer.start["status"] == 200 and len(self._kept) < _MOST_KEPT:
                self._kept[key] = answer
        await send({**answer.start, "headers": [*answer.start["headers"]]})
        for start in range(0, len(answer.body) or 1, _PIECE_BYTES):
            piece = answer.body[start : start + _PIECE_BYTES]
            more = start + _PIECE_BYTES < len(answer.body)
            await send({"type": "http.response.body", "body": piece, "more_body": more})

    async def _asked(self, scope: Scope, receive: Receive, *, zipped: bool) -> _Answer:
        """The answer to a request of nobody in particular."""
        told: list[Message] = []

        async def keep(message: Message) -> None:
            told.append(message)

        headers = [(b"accept-encoding", b"gzip")] if zipped else []
        await self._app({**scope, "method": "GET", "headers": headers}, receive, keep)
        start, *pieces = told
        body = b"".join(piece.get("body", b"") for piece in pieces)
        of_it = MutableHeaders(raw=[*start["headers"]])
        of_it["Content-Length"] = str(len(body))
        if start["status"] == 200 and scope["path"].startswith(_HASHED):
            of_it["Cache-Control"] = _FOR_EVER
        return _Answer({**start, "headers": of_it.raw}, body)

"""Addresses that the desk does not have are answered with 404, before Streamlit sees them.

Streamlit answers each address that it does not know with its page, and has routes that nobody here
needs: metrics, uploads, an interface for programs (Streamlit 1.67).
"""

from collections.abc import Collection
from pathlib import Path
from typing import Final

import streamlit
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from components.frame.page_list import PAGES
from components.web.sockets.socket_guard import STREAM

_READING: Final = frozenset({"GET", "HEAD"})
# Streamlit's own that the desk's pages need. In `/media` lies the company's logo alone.
_STREAMLITS: Final = frozenset({"/_stcore/health", "/_stcore/host-config", STREAM})
_FOLDERS: Final = ("/component/", "/_stcore/bidi-components/", "/media/")
# For a file that is not there Streamlit hands out its page.
_STATIC: Final = Path(streamlit.__file__).parent / "static"
_FILES: Final = frozenset(
    f"/{file.relative_to(_STATIC).as_posix()}"
    for file in _STATIC.rglob("*.*")
    if file.suffix != ".html"
)
_PATHS: Final = frozenset(page.path for page in PAGES)
# Where the first page would be if it were one like the others: bookmarks and links may say so.
_MOVED: Final = {f"/{page.name}": page.path for page in PAGES if page.path != f"/{page.name}"}
_NOT_FOUND: Final = (
    '<!doctype html><html lang="en-GB"><meta charset="utf-8"><title>Page not found</title>'
    "<p>There is no page at this address.</p>"
    '<p><a href="/">Open the payments desk</a></p></html>'
)


class KnownAddresses:
    """ASGI middleware: `routes` are the desk's own, which may take any method of theirs."""

    def __init__(self, app: ASGIApp, routes: Collection[BaseRoute]) -> None:
        """Wrap `app`."""
        self._app = app
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what there is; answer the rest."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path, own = scope["path"], {route.matches(scope)[0] for route in self._routes}
        if Match.FULL in own or (scope["method"] in _READING and _is_streamlits(path)):
            await self._app(scope, receive, send)
        elif Match.PARTIAL in own:  # Streamlit's page would be the next that matches
            await PlainTextResponse("Method Not Allowed", 405)(scope, receive, send)
        elif path in _MOVED and scope["method"] in _READING:
            query = scope["query_string"].decode("latin-1")
            where = f"{_MOVED[path]}?{query}" if query else _MOVED[path]
            await RedirectResponse(where, 308)(scope, receive, send)
        else:
            await HTMLResponse(_NOT_FOUND, 404)(scope, receive, send)


def _is_streamlits(path: str) -> bool:
    return path in _PATHS or path in _STREAMLITS or path in _FILES or path.startswith(_FOLDERS)

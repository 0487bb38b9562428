"""A request id and an access line in the log for each request.

The id is on its log lines, in its answer, and in an answer that failed.
"""

import re
from collections import Counter
from collections.abc import Collection
from functools import lru_cache
from secrets import token_hex
from time import perf_counter
from typing import Final
from urllib.parse import quote

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cardpay.logs.logger import bind_request, failure, get_logger
from cardpay.logs.redaction import without_query
from cardpay.web.rate_limit import Allowance, Rate
from cardpay.web.remote_addresses import Addresses

_log = get_logger(__name__)

_WELL_FORMED: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-]{7,63}")
_HEADER: Final = b"x-request-id"
# What a websocket's first message means as an HTTP status (ASGI: "Accept", "Close").
_OF_SOCKETS: Final = {"websocket.accept": 101, "websocket.close": 403}

# Asked every few seconds, thousands of times a minute, or by the dozen for each page: told at
# DEBUG, unless they fail.
_QUIET_PATHS: Final = frozenset({"/healthz", "/readyz", "/webhooks/stripe", "/_stcore/health"})
_QUIET_FOLDERS: Final = ("/static/", "/component/", "/_stcore/bidi-components/")
_LONGEST_PATH: Final = 200  # characters that are written of one, and of a query; ours are shorter
# Lines on what was refused, or failed, of each status: no flood fills the disk.
REFUSALS: Final = Rate(at_once=1_000, per_second=5)


class RequestLog:
    """ASGI middleware, inside the one that believes proxies and the one that adds headers.

    An id that a request brings is taken from this computer and from `proxies` (addresses or
    networks) alone: anybody else could make two requests look like one.
    """

    def __init__(self, app: ASGIApp, proxies: Collection[str]) -> None:
        """Wrap `app`."""
        self._app = app
        addresses = Addresses(proxies)
        self._is_trusted = lru_cache(maxsize=1024)(lambda host: host in addresses)
        self._refusals = _Refusals()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on with an id; an uncaught error is logged and answered with 500."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        request_id = self._brought(scope) or token_hex(16)
        bind_request(request_id)
        began = perf_counter()
        status: int | None = None

        async def with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (_HEADER, request_id.encode())]
            status = status or message.get("status") or _OF_SOCKETS.get(message["type"])
            await send(message)

        try:
            await self._app(scope, receive, with_id)
        except Exception as error:
            _log.error("request failed", **failure(error))
            if status or scope["type"] != "http":
                raise
            # Starlette's own answer would be made outside of every middleware.
            await PlainTextResponse("Internal Server Error", 500)(scope, receive, with_id)
        finally:
            untold = self._refusals.untold_before(status)
            if untold is not None:
                more = {"untold": untold} if untold else {}
                _tell(scope, status, round((perf_counter() - began) * 1000), **more)

    def _brought(self, scope: Scope) -> str | None:
        found = [value for name, value in scope["headers"] if name == _HEADER]
        if not found or scope.get("client") is None:
            return None
        brought = found[0].decode("latin-1")
        host, port = scope["client"]
        # A port of 0 stands beside an address that a trusted proxy named (uvicorn 0.54).
        if port != 0 and not self._is_trusted(host):
            return None
        return brought if _WELL_FORMED.fullmatch(brought) else None


class _Refusals:
    """Which lines on refused or failed requests are written, and how many were left out."""

    def __init__(self) -> None:
        self._allowances: dict[int | None, Allowance] = {}  # None: never answered
        self._untold: Counter[int | None] = Counter()

    def untold_before(self, status: int | None) -> int | None:
        """How many were left out since the last that was written; None to leave this one out."""
        if status is not None and status < 400:
            return 0
        if self._allowances.setdefault(status, Allowance(REFUSALS)).take():
            return self._untold.pop(status, 0)
        self._untold[status] += 1
        return None


def _shortened(path: str) -> str:
    """Its first folders, if it is a long one: half a card number would not be seen as one."""
    if len(path) <= _LONGEST_PATH:
        return path
    return path[:_LONGEST_PATH].rpartition("/")[0] + "/..."


def _tell(scope: Scope, status: int | None, duration_ms: int, **more: int) -> None:
    """A line about a request or a websocket that has ended, without who asked and what."""
    # What is written is checked for secrets, and that takes its time with a long one.
    path = _shortened(scope["path"])
    query = scope["query_string"][:_LONGEST_PATH].decode("latin-1")
    is_quiet = (
        scope["type"] == "websocket" or path in _QUIET_PATHS or path.startswith(_QUIET_FOLDERS)
    )
    tell = _log.debug if is_quiet and status is not None and status < 400 else _log.info
    tell(
        "request" if scope["type"] == "http" else "websocket",
        method=scope.get("method", "GET"),
        path=without_query(f"{quote(path)}?{query}" if query else quote(path)),
        status=status,
        duration_ms=duration_ms,
        **more,
    )

"""Each request has an id: on its log lines, in its answer, and in an answer that failed."""

import re
from collections.abc import Collection
from functools import lru_cache
from ipaddress import ip_address, ip_network
from secrets import token_hex
from typing import Final

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cardpay.logs.log import bind_request, failure, get_logger

_log = get_logger(__name__)

_WELL_FORMED: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-]{7,63}")
_LOOPBACK: Final = ("127.0.0.0/8", "::1")
_HEADER: Final = b"x-request-id"


class Requests:
    """ASGI middleware, inside the one that believes proxies and the one that adds headers.

    An id that a request brings is taken from this computer and from `proxies` (addresses or
    networks) alone: anybody else could make two requests look like one.
    """

    def __init__(self, app: ASGIApp, proxies: Collection[str]) -> None:
        """Wrap `app`."""
        self._app = app
        networks = [ip_network(proxy, strict=False) for proxy in (*_LOOPBACK, *proxies)]

        @lru_cache(maxsize=1024)
        def is_trusted(host: str) -> bool:
            try:
                address = ip_address(host)
            except ValueError:
                return False
            return any(address in network for network in networks)

        self._is_trusted = is_trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on with an id; what nobody caught is logged, and answered 500."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        request_id = self._brought(scope) or token_hex(16)
        bind_request(request_id)
        answered = False

        async def with_id(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                answered = True
                message["headers"] = [*message.get("headers", ()), (_HEADER, request_id.encode())]
            await send(message)

        try:
            await self._app(scope, receive, with_id)
        except Exception as error:
            _log.error("request failed", **failure(error))
            if answered or scope["type"] != "http":
                raise
            # Starlette's own answer would be made outside of every middleware.
            await PlainTextResponse("Internal Server Error", 500)(scope, receive, with_id)

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

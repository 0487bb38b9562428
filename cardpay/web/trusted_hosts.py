"""Requests for a host that is not ours are refused, before any route."""

import re
from collections.abc import Collection
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

# A load balancer asks by address, and learns nothing that is not public.
# `[::1]:8501` and `localhost:8501` alike.
_HOST: Final = re.compile(
    r"(?:\[(?P<address>[0-9a-f:.]+)\]|(?P<name>[^:@/\[\]]+))(?::[0-9]{0,5})?"
)
_LONGEST: Final = 300  # characters, a port's too
_HOSTLESS: Final = frozenset({"/healthz", "/readyz"})


class TrustedHosts:
    """Answers 400 to a request for a host that is not one of `hosts`; none named means any.

    `*.example.com` stands for every host below example.com.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str]) -> None:
        """Wrap `app`."""
        self._app = app
        named = [host.casefold() for host in hosts]
        self._hosts = frozenset(named)
        self._ends = tuple(host.removeprefix("*") for host in named if host.startswith("*."))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on requests for one of our hosts."""
        if (
            scope["type"] == "lifespan"
            or not self._hosts
            or scope["path"] in _HOSTLESS
            or self._is_ours(Headers(scope=scope).get("host", ""))
        ):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await PlainTextResponse("Unknown host", 400)(scope, receive, send)

    def _is_ours(self, header: str) -> bool:
        # Refused unread: a name has 253 characters at most (RFC 1035).
        named = _HOST.fullmatch(header.casefold()) if len(header) <= _LONGEST else None
        if named is None:
            return False
        host = named["address"] or named["name"]
        return host in self._hosts or host.endswith(self._ends)

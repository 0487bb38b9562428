"""The sign-in's cookies carry the prefix `__Host-` wherever browsers come by TLS alone.

A browser takes such a cookie only from this very host over TLS, for every path: no other machine
of the domain can put one there, or have it sent (RFC 6265bis, section 4.1.3.2). Streamlit knows
its cookie by another name, so the names are changed here, on the way in and out. A cookie that
comes without the prefix is somebody else's, and goes no further.

Streamlit's `_streamlit_xsrf` keeps its name: its script in the browser reads it. It is no secret
of a session, and lets nobody in.
"""

from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from components.web.signing_in.sign_in_routes import ATTEMPT_COOKIE

_PREFIX: Final = "__Host-"
_OURS: Final = (USER_COOKIE_NAME, ATTEMPT_COOKIE)


class HostCookies:
    """ASGI middleware around whatever reads and sets cookies, where browsers come by TLS alone."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, under the names that are known inside."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return

        async def with_prefix(message: Message) -> None:
            if message["type"] in {"http.response.start", "websocket.http.response.start"}:
                message["headers"] = [
                    (name, _prefixed(value) if name.lower() == b"set-cookie" else value)
                    for name, value in message.get("headers", ())
                ]
            await send(message)

        await self._app({**scope, "headers": _without_prefix(scope)}, receive, with_prefix)


def _is_ours(name: str) -> bool:
    return any(name == ours or name.startswith(f"{ours}_") for ours in _OURS)


def _prefixed(cookie: bytes) -> bytes:
    name = cookie.partition(b"=")[0].decode("latin-1")
    if not _is_ours(name):
        return cookie
    secure = b"" if b"; secure" in cookie.lower() else b"; Secure"
    return _PREFIX.encode() + cookie + secure


def _without_prefix(scope: Scope) -> list[tuple[bytes, bytes]]:
    kept = []
    for pair in "; ".join(Headers(scope=scope).getlist("cookie")).split(";"):
        name, _, value = pair.strip().partition("=")
        if name.startswith(_PREFIX) and _is_ours(name.removeprefix(_PREFIX)):
            kept.append(f"{name.removeprefix(_PREFIX)}={value}")
        elif name and not _is_ours(name):
            kept.append(pair.strip())
    others = [each for each in scope["headers"] if each[0].lower() != b"cookie"]
    return [*others, (b"cookie", "; ".join(kept).encode("latin-1"))] if kept else others

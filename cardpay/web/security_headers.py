"""Headers that every response carries, and cookies that travel over TLS alone."""

from collections.abc import Callable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# For answers that no browser draws: nothing may be loaded, framed or sent from them.
NOTHING: Final = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

_POLICY: Final = b"content-security-policy"
# As ASGI has them, since webhooks come by the thousand.
_ALWAYS: Final = [
    (b"x-content-type-options", b"nosniff"),
    # Our own pages alone may learn where somebody comes from: the way back after sign-in.
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (
        b"permissions-policy",
        b"camera=(), display-capture=(), geolocation=(), microphone=(), usb=(), "
        b'payment=(self "https://js.stripe.com")',
    ),
]
_OURS: Final = frozenset({_POLICY, *(name for name, _ in _ALWAYS)})
_OVER_TLS: Final = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
# What a server that may be asked for it answers to a websocket that is not let in (ASGI
# specification: "WebSocket Denial Response").
_DENIAL: Final = "websocket.http.response"


class SecurityHeaders:
    """ASGI middleware, outside everything that answers.

    `policy_of` gives the content security policy of a path. `behind_tls` says that there is no
    other way in.
    """

    def __init__(self, app: ASGIApp, policy_of: Callable[[str], str], *, behind_tls: bool) -> None:
        """Wrap `app`."""
        self._app = app
        self._policy_of = policy_of
        self._behind_tls = behind_tls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on; add the headers to the answer."""
        if scope["type"] == "http":
            answer = "http.response.start"
        elif scope["type"] == "websocket" and _DENIAL in scope.get("extensions", {}):
            answer = f"{_DENIAL}.start"
        else:
            await self._app(scope, receive, send)
            return
        is_open = False

        async def with_headers(message: Message) -> None:
            nonlocal is_open
            is_open = is_open or message["type"] == "websocket.accept"
            if message["type"] == answer:
                self._add(scope, message)
            elif message["type"] == "websocket.close" and not is_open:
                denial: Message = {"type": answer, "status": 403, "headers": []}
                self._add(scope, denial)
                await send(denial)
                message = {"type": f"{_DENIAL}.body", "body": b""}
            await send(message)

        await self._app(scope, receive, with_headers)

    def _add(self, scope: Scope, message: Message) -> None:
        headers = [each for each in message.get("headers", ()) if each[0].lower() not in _OURS]
        if self._behind_tls or scope["scheme"] in {"https", "wss"}:
            headers = [
                (name, _secure(value) if name.lower() == b"set-cookie" else value)
                for name, value in headers
            ]
            headers.append(_OVER_TLS)
        headers.append((_POLICY, self._policy_of(scope["path"]).encode()))
        message["headers"] = headers + _ALWAYS


def _secure(cookie: bytes) -> bytes:
    """Streamlit leaves the attribute out (Streamlit 1.67)."""
    return cookie if b"; secure" in cookie.lower() else cookie + b"; Secure"

"""Headers that every response carries, and cookies that travel over TLS alone."""

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from components import content_policy

# Documents of Streamlit's older kind of component; here that is streamlit-javascript's.
_COMPONENTS: Final = "/component/"
_ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    # Our own pages alone may learn where somebody comes from: the way back after sign-in.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(), display-capture=(), geolocation=(), microphone=(), usb=(), "
        'payment=(self "https://js.stripe.com")'
    ),
}
_ONE_YEAR: Final = "max-age=31536000"


class SecurityHeaders:
    """ASGI middleware. `policy` is the pages'; `behind_tls` says that there is no other way in."""

    def __init__(self, app: ASGIApp, policy: str, *, behind_tls: bool) -> None:
        """Wrap `app`."""
        self._app = app
        self._policy = policy
        self._behind_tls = behind_tls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on; add the headers to the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_component = scope["path"].startswith(_COMPONENTS)
        policy = content_policy.COMPONENT if is_component else self._policy
        tls = self._behind_tls or scope["scheme"] == "https"

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = policy
                headers.update(_ALWAYS)
                if tls:
                    headers["Strict-Transport-Security"] = _ONE_YEAR
                    message["headers"] = [
                        (name, _secure(value) if name.lower() == b"set-cookie" else value)
                        for name, value in message["headers"]
                    ]
            await send(message)

        await self._app(scope, receive, with_headers)


def _secure(cookie: bytes) -> bytes:
    """Streamlit leaves the attribute out (Streamlit 1.67)."""
    return cookie if b"; secure" in cookie.lower() else cookie + b"; Secure"

"""Requests that no browser and no Stripe sends are refused, before anything reads them."""

from typing import Final

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from cardpay.web.connection_limits import LARGEST_HEAD_BYTES

# Longer than any link of the desk's; the identity provider's way back is some hundreds.
LONGEST_ADDRESS_BYTES: Final = 8 * 1024
# Python 3.11 before 3.11.10 reads a quoted cookie in a time that grows with the square of these
# (CVE-2024-7592). Another application's cookie may have some.
MOST_BACKSLASHES: Final = 500


class RequestLimits:
    """Answers 400 to two hosts, 414 to a long address and 431 to large headers."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is in order."""
        refused = None if scope["type"] == "lifespan" else _refused(scope)
        if refused is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            status, sentence = refused
            await PlainTextResponse(sentence, status)(scope, receive, send)


def _refused(scope: Scope) -> tuple[int, str] | None:
    headers = scope["headers"]
    # A proxy may have looked at the one and the desk at the other (RFC 9112, 3.2).
    if sum(name == b"host" for name, _ in headers) > 1:
        return 400, "More than one host"
    if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > LONGEST_ADDRESS_BYTES:
        return 414, "The address is too long"
    if sum(len(name) + len(value) for name, value in headers) > LARGEST_HEAD_BYTES:
        return 431, "The headers are too large"
    if sum(value.count(b"\\") for name, value in headers if name == b"cookie") > MOST_BACKSLASHES:
        return 431, "The cookies are too large"
    return None

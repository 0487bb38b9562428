"""Bodies that are too large are refused, before any route."""

from typing import Final

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Stripe's events are some ten kilobytes, a form of the sandbox's less; nobody uploads files.
LARGEST_BODY_BYTES: Final = 1024 * 1024
# If the connection is closed before the body is read, the client never sees the 413: this much is
# read and dropped before the answer (RFC 9112, 9.6). A body that says it is longer is answered
# unread.
_MOST_DROPPED_BYTES: Final = 8 * LARGEST_BODY_BYTES
_MOST_DIGITS: Final = 18  # of a Content-Length that is still read to its end


def _length_said(scope: Scope) -> int | None:
    """The Content-Length in bytes; None if there is none, or the body is sent in chunks."""
    said = None
    for name, value in scope["headers"]:
        if name == b"transfer-encoding":
            return None
        if name == b"content-length" and value.isdigit():
            said = int(value.lstrip(b"0")[:_MOST_DIGITS] or b"0")
    return said


class _TooLarge(Exception):
    """The body is too large, and there may be `more` of it to read."""

    def __init__(self, *, more: bool) -> None:
        self.more = more


class BodyLimit:
    """Answers 413 to a body of more than LARGEST_BODY_BYTES, whatever its Content-Length says."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, counting what arrives."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        said = _length_said(scope)
        if said is not None:
            # No more is read than was said (HTTP: RFC 9112, 6.2), so nothing has to be counted.
            if said <= LARGEST_BODY_BYTES:
                await self._app(scope, receive, send)
            else:
                ends_soon = said <= _MOST_DROPPED_BYTES
                await _refuse(scope, receive, send, more=ends_soon)
            return
        size = 0
        answered = False

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > LARGEST_BODY_BYTES:
                raise _TooLarge(more=message.get("more_body", False))
            return message

        async def noted(message: Message) -> None:
            nonlocal answered
            answered = answered or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, counted, noted)
        except _TooLarge as large:
            if answered:
                raise
            await _refuse(scope, receive, send, more=large.more)


async def _refuse(scope: Scope, receive: Receive, send: Send, *, more: bool) -> None:
    """Answer 413, after reading and dropping the rest of the body as far as is reasonable."""
    dropped = 0
    while more and dropped <= _MOST_DROPPED_BYTES:
        message = await receive()
        dropped += len(message.get("body", b""))
        more = message.get("more_body", False)
    await PlainTextResponse("Too large", 413)(scope, receive, send)

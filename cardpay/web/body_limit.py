"""Bodies that are too large, or too many that do not end, are refused before any route."""

from collections import Counter
from typing import Final

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cardpay.web.remote_addresses import network_of

# Stripe's events are some ten kilobytes, a form of the sandbox's less; nobody uploads files.
LARGEST_BODY_BYTES: Final = 1024 * 1024
# If the connection is closed before the body is read, the client never sees the 413: this much is
# read and dropped before the answer (RFC 9112, 9.6). A body that says it is longer is answered
# unread.
_MOST_DROPPED_BYTES: Final = 8 * LARGEST_BODY_BYTES
# A body is kept in memory until it ends, and whoever sends it decides when. Of one address's
# unfinished ones so much is kept; once there is so much of all, of each address only a little:
# enough for Stripe's messages, so that those who send much keep no others out.
MOST_OF_ADDRESS_BYTES: Final = 8 * LARGEST_BODY_BYTES
_MOST_OF_ALL_BYTES: Final = 64 * LARGEST_BODY_BYTES
_LITTLE_BYTES: Final = LARGEST_BODY_BYTES // 4
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


class _Refused(Exception):
    """The body is not taken, and there may be `more` of it to read."""

    def __init__(self, status: int, *, more: bool) -> None:
        self.status = status
        self.more = more


class BodyLimit:
    """Answers 413 to a body of more than LARGEST_BODY_BYTES, whatever its Content-Length says.

    And 429 to an address that has too much under way.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self._app = app
        self._unfinished: Counter[str] = Counter()  # bytes by address
        self.unfinished_bytes = 0  # of all

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, counting what arrives."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        said = _length_said(scope)
        if said is not None and said > LARGEST_BODY_BYTES:
            await _refuse(scope, receive, send, 413, more=said <= _MOST_DROPPED_BYTES)
            return
        address = network_of((scope.get("client") or ("",))[0])
        size = held = 0
        answered, refusal = False, None

        async def counted() -> Message:
            nonlocal size, held
            message = await receive()
            arrived, more = len(message.get("body", b"")), message.get("more_body", False)
            size += arrived
            if size > LARGEST_BODY_BYTES:
                raise _Refused(413, more=more)
            held += arrived
            self._hold(address, arrived)
            if more and self._is_too_much(address):
                # Answered unread: the server drops the rest as it comes (uvicorn 0.54).
                raise _Refused(429, more=False)
            if not more:
                self._hold(address, -held)
                held = 0
            return message

        async def noted(message: Message) -> None:
            nonlocal answered
            answered = answered or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, counted, noted)
        except _Refused as refused:
            if answered:
                raise
            refusal = refused.status, refused.more
        finally:
            self._hold(address, -held)
        if refusal is not None:  # only now: the exception's frames keep what was read
            await _refuse(scope, receive, send, refusal[0], more=refusal[1])

    def _hold(self, address: str, size: int) -> None:
        self.unfinished_bytes += size
        self._unfinished[address] += size
        if not self._unfinished[address]:
            del self._unfinished[address]

    def _is_too_much(self, address: str) -> bool:
        most = (
            _LITTLE_BYTES if self.unfinished_bytes > _MOST_OF_ALL_BYTES else MOST_OF_ADDRESS_BYTES
        )
        return self._unfinished[address] > most


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, *, more: bool) -> None:
    """Answer, after reading and dropping the rest of the body as far as is reasonable."""
    dropped = 0
    while more and dropped <= _MOST_DROPPED_BYTES:
        message = await receive()
        dropped += len(message.get("body", b""))
        more = message.get("more_body", False)
    sentence = "Too large" if status == 413 else "Too much at once"
    await PlainTextResponse(sentence, status)(scope, receive, send)

"""What stands before every route: hosts that are ours, bodies that are not too large.

ASGI middleware without a thought about pages: the receiver that runs alone needs it, too.
"""

from collections import OrderedDict, deque
from collections.abc import Callable, Collection
from time import monotonic
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Stripe's events are some ten kilobytes, a form of the sandbox's less; nobody uploads files.
LARGEST_BODY_BYTES: Final = 1024 * 1024
# Who closes on a sender in the middle of its body is not heard: so much is taken in and dropped
# before the answer (RFC 9112, 9.6). A body that says it is longer is answered unread.
_MOST_DROPPED_BYTES: Final = 8 * LARGEST_BODY_BYTES
# A load balancer asks by address, and learns nothing that is not public.
_HOSTLESS: Final = frozenset({"/healthz", "/readyz"})

_MOST_DIGITS: Final = 18  # of a length that is still read to its end

_WINDOW_SECONDS: Final = 60.0
_MOST_ADDRESSES: Final = 1_000


class TrustedHosts:
    """Answers 400 to a request for a host that is not one of `hosts`; none named means any.

    `*.example.com` stands for every host below example.com.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str]) -> None:
        """Wrap `app`."""
        self._app = app
        self._hosts = frozenset(host.casefold() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is for us."""
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
        host = _without_port(header.casefold())
        above = {f"*.{host[dot + 1 :]}" for dot, letter in enumerate(host) if letter == "."}
        return host in self._hosts or bool(above & self._hosts)


def _without_port(header: str) -> str:
    """`[::1]:8501` and `localhost:8501` alike."""
    if header.startswith("["):
        return header[1:].partition("]")[0]
    return header.partition(":")[0]


def _length_said(scope: Scope) -> int | None:
    """The Content-Length, if that alone tells where the body ends."""
    said = None
    for name, value in scope["headers"]:
        if name == b"transfer-encoding":
            return None
        if name == b"content-length" and value.isdigit():
            said = int(value.lstrip(b"0")[:_MOST_DIGITS] or b"0")
    return said


class _TooLarge(Exception):
    """More came than may; whether still `more` is to come."""

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
    """Answer 413. Of a body of which there is `more`, some is taken in and dropped before."""
    dropped = 0
    while more and dropped <= _MOST_DROPPED_BYTES:
        message = await receive()
        dropped += len(message.get("body", b""))
        more = message.get("more_body", False)
    await PlainTextResponse("Too large", 413)(scope, receive, send)


class RefusalLimit:
    """Counts what was refused for each remote address in the last minute.

    It is asked after a refusal alone, so nothing that is in order is ever held up, not even
    from an address that a flood comes from.
    """

    def __init__(self, per_minute: int, now: Callable[[], float] = monotonic) -> None:
        """`now` gives seconds."""
        self._per_minute = per_minute
        self._now = now
        self._refused: OrderedDict[str, deque[float]] = OrderedDict()

    def is_exceeded_by_one_more(self, address: str) -> bool:
        """Count a refusal; whether that is more than there may be."""
        now = self._now()
        times = self._refused.setdefault(address, deque(maxlen=self._per_minute + 1))
        self._refused.move_to_end(address)
        if len(self._refused) > _MOST_ADDRESSES:
            self._refused.popitem(last=False)
        times.append(now)
        while times[0] <= now - _WINDOW_SECONDS:
            times.popleft()
        return len(times) > self._per_minute

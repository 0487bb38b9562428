"""A websocket to an ASGI app without a network, whose every message a test can see."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.types import ASGIApp, Message, Scope


class AsgiSocket:
    """One connection. What is received are whole ASGI messages."""

    def __init__(self, app: ASGIApp, scope: Scope) -> None:
        """Connect, on the loop that runs."""
        self._to_app: asyncio.Queue[Message] = asyncio.Queue()
        self._from_app: asyncio.Queue[Message] = asyncio.Queue()
        self._to_app.put_nowait({"type": "websocket.connect"})
        self.over = asyncio.ensure_future(app(scope, self._to_app.get, self._from_app.put))

    def send(self, data: bytes | str) -> None:
        """A message to the app."""
        kind = "bytes" if isinstance(data, bytes) else "text"
        self._to_app.put_nowait({"type": "websocket.receive", kind: data})

    def hang_up(self) -> None:
        """As a browser that is closed."""
        self._to_app.put_nowait({"type": "websocket.disconnect", "code": 1005})

    async def received(self) -> Message:
        """What the app says next. An app that is over says nothing: its error is raised."""
        said = asyncio.ensure_future(self._from_app.get())
        await asyncio.wait({said, self.over}, return_when=asyncio.FIRST_COMPLETED)
        if not said.done():
            said.cancel()
            await self.over
            raise AssertionError("the app is over, and said no more")
        return said.result()


def socket_scope(path: str, client: str = "192.0.2.1", **headers: str) -> Scope:
    """A handshake as uvicorn passes it on."""
    return {
        "type": "websocket",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": (client, 50_000),
        "scheme": "ws",
        "subprotocols": [],
    }


async def echo(scope: Scope, receive: Callable[[], Awaitable[Message]], send: Any) -> None:
    """An app that says everything again."""
    assert scope["type"] == "websocket"
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "bytes": message["bytes"]})

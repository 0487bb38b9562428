"""A desk that asks nobody who they are is for the computer that it runs on."""

from typing import Final

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from cardpay.web.remote_addresses import Addresses

_SENTENCE: Final = (
    "Nobody signs in to this desk, so it answers only on the computer that it runs on. "
    "See docs/signing-in.md."
)


class ThisComputerAlone:
    """Answers 403 to whoever asks from another computer."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self._app = app
        self._here = Addresses()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what comes from here. Behind a proxy, that is who the proxy says it is."""
        client = scope.get("client")
        if scope["type"] == "lifespan" or (client and client[0] in self._here):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await PlainTextResponse(_SENTENCE, 403)(scope, receive, send)

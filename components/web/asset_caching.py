"""Lets browsers cache component bundles for ever: their names contain their hash."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Streamlit sends these with `Cache-Control: public` and no age, so each page load asks again.
_HASHED_ASSETS = "/_stcore/bidi-components/"
_FOR_EVER = "public, max-age=31536000, immutable"


class AssetCaching:
    """ASGI middleware that sets `Cache-Control` on component assets."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the header to successful responses for component assets."""
        if scope["type"] != "http" or not scope["path"].startswith(_HASHED_ASSETS):
            await self._app(scope, receive, send)
            return

        async def with_age(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                MutableHeaders(scope=message)["Cache-Control"] = _FOR_EVER
            await send(message)

        await self._app(scope, receive, with_age)

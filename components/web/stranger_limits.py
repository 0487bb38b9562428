"""How many requests come in from people who have not signed in."""

from collections.abc import Callable
from typing import Final

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from cardpay.bootstrap import WEBHOOK_PATH
from cardpay.web.rate_limit import Rate, RateByAddress

# A first visit is some ten requests beside its files, and an office of a hundred may come at once
# from one address.
ONE_ADDRESS: Final = Rate(at_once=2_000, per_second=20)
ALL_STRANGERS: Final = Rate(at_once=6_000, per_second=200)
# Files are read by the hundred at a first visit, cost little, and are kept by the browser.
_FILE_COST: Final = 0.1
_FILES: Final = ("/static/", "/component/", "/_stcore/bidi-components/")
# Stripe and load balancers sign in to nothing. The webhook counts what it refuses.
_NOT_COUNTED: Final = frozenset({WEBHOOK_PATH, "/healthz", "/readyz"})


class StrangerLimits:
    """ASGI middleware: answers 429 beyond the limits. `is_signed_in` reads the cookie alone."""

    def __init__(
        self,
        app: ASGIApp,
        is_signed_in: Callable[[HTTPConnection], bool],
        one_address: Rate = ONE_ADDRESS,
        all_strangers: Rate = ALL_STRANGERS,
    ) -> None:
        """Wrap `app`."""
        self._app = app
        self._is_signed_in = is_signed_in
        self._rates = RateByAddress(one_address, all_strangers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, counting."""
        if scope["type"] == "lifespan" or scope["path"] in _NOT_COUNTED or self._may(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1013})
        else:
            answer = PlainTextResponse("Too many requests", 429, {"Retry-After": "60"})
            await answer(scope, receive, send)

    def _may(self, scope: Scope) -> bool:
        if self._is_signed_in(HTTPConnection(scope)):
            return True
        address = scope["client"][0] if scope.get("client") else ""
        cost = _FILE_COST if scope["path"].startswith(_FILES) else 1.0
        return self._rates.take(address, cost)

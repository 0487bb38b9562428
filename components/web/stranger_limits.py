"""How many requests come in: from people who have not signed in, and by each sign-in."""

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
# A cookie is good for longer than its session: what has ended must not ask without end either.
ONE_SIGN_IN: Final = Rate(at_once=2_000, per_second=50)
EVERY_SIGN_IN: Final = Rate(at_once=20_000, per_second=1_000)
# Files are read by the hundred at a first visit, cost little, and are kept by the browser.
_FILE_COST: Final = 0.1
_FILES: Final = ("/static/", "/component/", "/_stcore/bidi-components/")
# Stripe and load balancers sign in to nothing. The webhook counts what it refuses.
_NOT_COUNTED: Final = frozenset({WEBHOOK_PATH, "/healthz", "/readyz"})


class StrangerLimits:
    """ASGI middleware: answers 429 beyond the limits.

    `sign_in_of` gives the id of the sign-in that the cookie names, without a look at its session.
    """

    def __init__(
        self,
        app: ASGIApp,
        sign_in_of: Callable[[HTTPConnection], str | None],
        one_address: Rate = ONE_ADDRESS,
        all_strangers: Rate = ALL_STRANGERS,
        one_sign_in: Rate = ONE_SIGN_IN,
    ) -> None:
        """Wrap `app`."""
        self._app = app
        self._sign_in_of = sign_in_of
        self._strangers = RateByAddress(one_address, all_strangers)
        self._sign_ins = RateByAddress(one_sign_in, EVERY_SIGN_IN)

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
        cost = _FILE_COST if scope["path"].startswith(_FILES) else 1.0
        sign_in = self._sign_in_of(HTTPConnection(scope))
        if sign_in is not None:
            return self._sign_ins.take(sign_in, cost)
        address = scope["client"][0] if scope.get("client") else ""
        return self._strangers.take(address, cost)

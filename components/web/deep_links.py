"""Keeps a link to a page through sign-in, which would end at `/` (Streamlit 1.67).

The browser says from where it went to sign in. That is kept in a short-lived cookie, and put
in place of `/` on the way back. Both times only the address of one of our pages is taken, with
the parameters that links may carry: nobody is ever sent elsewhere.
"""

import re
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit
from uuid import UUID

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cardpay.settings.sign_in import CALLBACK
from components.frame.page_list import PAGES
from components.frame.session_state import PAYMENT_PARAMETER

_LOGIN: Final = "/auth/login"
_COOKIE: Final = "cardpay_return"
_SECONDS: Final = 600  # enough to find the phone with the second factor
_MOST_PARAMETERS: Final = 50
_PAYMENT_INTENT: Final = re.compile(r"pi_[A-Za-z0-9]{1,100}", re.ASCII)
_PATHS: Final = frozenset(page.path for page in PAGES)


def own_link(address: str) -> str | None:
    """The path and query of a link to one of our pages; None for anything else."""
    try:
        parts = urlsplit(address)
        sent = parse_qsl(parts.query, max_num_fields=_MOST_PARAMETERS)
    except ValueError:  # brackets that are no address, or a query that no page of ours has
        return None
    if parts.path not in _PATHS:
        return None
    kept = {name: value for name, value in sent if _may_stay(name, value)}
    return f"{parts.path}?{urlencode(kept)}" if kept else parts.path


def _may_stay(name: str, value: str) -> bool:
    if name != PAYMENT_PARAMETER:
        return False
    try:
        return str(UUID(value)) == value
    except ValueError:
        return _PAYMENT_INTENT.fullmatch(value) is not None


class DeepLinks:
    """ASGI middleware around Streamlit's sign-in routes."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Remember the page when somebody goes to sign in, and redirect there afterwards."""
        if scope["type"] != "http" or scope["path"] not in {_LOGIN, CALLBACK}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if scope["path"] == _LOGIN:
            link = own_link(headers.get("referer", ""))
            cookie = _cookie(link, _SECONDS) if link else _cookie("", 0)
        else:
            kept = cookie_parser(headers.get("cookie", "")).get(_COOKIE, "")
            link = own_link(unquote(kept))
            cookie = _cookie("", 0)

        async def with_link(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                answer.append("Set-Cookie", cookie)
                if scope["path"] == CALLBACK and link and answer.get("location") == "/":
                    answer["location"] = link
            await send(message)

        await self._app(scope, receive, with_link)


def _cookie(link: str, seconds: int) -> str:
    value = quote(link, safe="")
    return f"{_COOKIE}={value}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax"

"""A browser of somebody who signs in, for the routes beside the pages."""

import asyncio
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from tests.support.processes.identity_provider import COOKIE_SECRET, ROLES
from tests.support.screens.signed_in_pages import ISSUER

COOKIE = "_streamlit_user"
SIGNING_IN = {
    "CARDPAY_SIGN_IN": "oidc",
    "CARDPAY_OIDC_ISSUER": ISSUER,
    "CARDPAY_OIDC_ROLES": ROLES,
    "CARDPAY_OIDC_COOKIE_SECRET": COOKIE_SECRET,
    "CARDPAY_OIDC_CLIENT_ID": "cardpay",
    "CARDPAY_OIDC_CLIENT_SECRET": "x" * 8,
    "CARDPAY_OIDC_REDIRECT_URI": "http://testserver/oauth2callback",
}
"""The settings of a desk whose cookies it can have."""


@dataclass
class RouteBrowser:
    """Somebody's, with their cookies."""

    routes: Sequence[BaseRoute]
    cookies: dict[str, str] = field(default_factory=dict)

    def get(
        self, path: str, method: str = "GET", headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """The answer to one request."""

        async def asked() -> httpx.Response:
            app = Starlette(routes=self.routes)
            async with httpx.AsyncClient(
                transport=httpx.ASGITransport(app), base_url="http://desk", cookies=self.cookies
            ) as client:
                return await client.request(method, path, headers=headers)

        # Playwright keeps a loop running in the thread of the tests.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, asked()).result()

    def sign_in(self, claims: dict[str, Any], secret: str = COOKIE_SECRET) -> None:
        """Have the cookie that Streamlit gives."""
        self.cookies[COOKIE] = create_signed_value(secret, COOKIE, json.dumps(claims)).decode()

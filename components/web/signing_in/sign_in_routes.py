"""Signing in and out, in place of Streamlit's own routes at the same addresses.

Those (Streamlit 1.67) keep no refresh token, take whatever algorithm the provider lists, tell no
session of ours that somebody signs out, and sign out whoever follows a link to them. The cookie is
as Streamlit reads it, and says nothing but which sign-in it is.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from cardpay.bootstrap import Application
from cardpay.domain.access.role_check_rules import ProviderRefused, ProviderSilent
from cardpay.domain.access.sign_in import Answer
from cardpay.identity_provider.openid_provider import ATTEMPT_LASTS, OpenIdProvider
from cardpay.logs.logger import get_logger
from cardpay.services.access import sessions
from cardpay.settings.sign_in import CALLBACK
from cardpay.storage.database.engine import Duplicate
from components.web.own_page import is_own_page
from components.web.route_answers import NEVER_KEPT, known_identity, refusal
from components.web.signing_in.browser_name import browser_name
from components.web.signing_in.deep_links import own_link

_log = get_logger(__name__)

LOGIN: Final = "/auth/login"
LOGOUT: Final = "/auth/logout"
ATTEMPT_COOKIE: Final = "cardpay_sign_in"
# Whoever comes back so long after their session has ended is told why it has.
_TOLD_WHY: Final = timedelta(days=1)
# Whoever comes may have the provider asked, which may take seconds: with few of the process's
# threads, so that no other request waits for one. Who has waited so long is told to come back.
_AT_ONCE: Final = 8
_LONGEST_WAIT_SECONDS: Final = 10.0
_ASK: Final = (
    '<!doctype html><html lang="en-GB"><meta charset="utf-8"><title>Sign out</title>'
    # A link, since the content policy lets no form lead on to the provider.
    '<p>Do you want to sign out?</p><p><a href="{}">Sign out</a></p></html>'
)


def sign_in_routes(application: Callable[[], Application]) -> list[BaseRoute]:
    """The routes, where people sign in. `application` is asked for each request."""
    return [
        Route(LOGIN, _few_at_once(application, _login), methods=["GET"]),
        Route(CALLBACK, _few_at_once(application, _callback), methods=["GET"]),
        Route(LOGOUT, _few_at_once(application, _logout), methods=["GET", "POST"]),
    ]


def _few_at_once(
    application: Callable[[], Application], work: Callable[[Application, Request], Response]
) -> Callable[[Request], Awaitable[Response]]:
    places = asyncio.Semaphore(_AT_ONCE)

    async def answer(request: Request) -> Response:
        try:
            async with asyncio.timeout(_LONGEST_WAIT_SECONDS):
                await places.acquire()
        except TimeoutError:
            return _failed(ProviderSilent("too many sign in at once"))
        try:
            return await run_in_threadpool(work, application(), request)
        finally:
            places.release()

    return answer


def _provider(application: Application) -> OpenIdProvider:
    assert application.identity_provider is not None  # the start refuses sign-in without
    return application.identity_provider


def _login(application: Application, request: Request) -> Response:
    """Send the browser to the provider."""
    back_to = own_link(request.headers.get("referer", "")) or "/"
    try:
        address, sealed = _provider(application).begin(back_to)
    except ProviderSilent as silent:
        return _failed(silent)
    answer = RedirectResponse(address, 302, headers=NEVER_KEPT)
    _set_cookie(answer, ATTEMPT_COOKIE, sealed, int(ATTEMPT_LASTS.total_seconds()))
    return answer


def _callback(application: Application, request: Request) -> Response:
    """Take the browser back from the provider."""
    given = request.query_params
    sealed, code = request.cookies.get(ATTEMPT_COOKIE), given.get("code")
    if not sealed or not code:  # denied, begun too long ago, or back from signing out
        return RedirectResponse("/", 302, headers=NEVER_KEPT)
    try:
        answer, back_to = _provider(application).finish(sealed, given.get("state", ""), code)
    except (ProviderSilent, ProviderRefused) as failed:
        return _not_signed_in(failed)
    before = known_identity(application.settings, request)
    if before is not None:
        sessions.sign_out_browser(application.desk, before, _client(request))
    agent = browser_name(request.headers.get("user-agent", ""))
    try:
        sessions.begin(application.desk, application.admission, answer, _client(request), agent)
    except Duplicate:
        return _not_signed_in(ProviderRefused("the same sign-in once more"))
    response = RedirectResponse(own_link(back_to) or "/", 302, headers=NEVER_KEPT)
    response.delete_cookie(ATTEMPT_COOKIE)
    kept = application.admission.longest + _TOLD_WHY
    _set_cookie(response, USER_COOKIE_NAME, _named(application, answer), int(kept.total_seconds()))
    return response


def _not_signed_in(error: ProviderSilent | ProviderRefused) -> Response:
    response = _failed(error)
    response.delete_cookie(ATTEMPT_COOKIE)
    return response


def _named(application: Application, answer: Answer) -> str:
    """The cookie that names a sign-in, as Streamlit reads it."""
    auth = application.settings.streamlit_auth
    parts = urlsplit(auth["redirect_uri"])
    said = dict(answer.sign_in, is_logged_in=True, origin=f"{parts.scheme}://{parts.netloc}")
    return create_signed_value(auth["cookie_secret"], USER_COOKIE_NAME, json.dumps(said)).decode()


def _logout(application: Application, request: Request) -> Response:
    """End the session, if it is this desk that asks for it."""
    if not _is_own(request):
        # A link, form or picture of another site: it may lead here, and not sign anybody out.
        if request.method == "POST":
            return Response("Forbidden", 403, headers=NEVER_KEPT)
        return HTMLResponse(_ASK.format(LOGOUT), headers=NEVER_KEPT)
    identity = known_identity(application.settings, request)
    if identity is not None:
        sessions.sign_out_browser(application.desk, identity, _client(request))
    try:
        address = _provider(application).sign_out_address() if identity is not None else None
    except ProviderSilent:
        address = None
    response = RedirectResponse(address or "/", 303, headers=NEVER_KEPT)
    for name in request.cookies:
        if name == USER_COOKIE_NAME or name.startswith(f"{USER_COOKIE_NAME}_"):
            response.delete_cookie(name)
    return response


def _is_own(request: Request) -> bool:
    """Whether a page of this desk has asked, by the browser's own word.

    Browsers say so over TLS and on this computer (Fetch Metadata Request Headers, W3C); for older
    ones the address of the page that asks has to do.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin" and request.headers.get("sec-fetch-dest") in {
            "document",
            None,
        }
    page = request.headers.get("origin") or request.headers.get("referer", "")
    return is_own_page(page, request.headers.get("host"))


def _client(request: Request) -> str:
    return request.client.host if request.client else "this computer"


def _failed(error: ProviderSilent | ProviderRefused) -> Response:
    _log.warning("sign-in failed", reason=error.reason)
    return refusal(error, "Sign in", way_on=("/", "Back to the desk"))


def _set_cookie(response: Response, name: str, value: str, seconds: int) -> None:
    response.set_cookie(name, value, max_age=seconds, httponly=True, samesite="lax")

"""Signing in and out by the desk's own routes, without a browser."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlmodel import select
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value

from cardpay import bootstrap, settings
from cardpay.domain.access.sign_in import EndReason
from cardpay.identity_provider import bounded_http
from cardpay.storage.schema.session_tables import Person, SignInSession
from components.receipts.receipt_links import pdf_link
from components.web.receipt_routes import receipt_routes
from components.web.signing_in import sign_in_routes as sign_in_routes_module
from components.web.signing_in.host_cookies import HostCookies
from components.web.signing_in.sign_in_routes import LOGIN, LOGOUT, sign_in_routes
from tests.support.processes.asyncio_in_thread import run
from tests.support.processes.identity_provider import GROUPS
from tests.support.processes.openid_stand_in import OpenIdStandIn, openid_stand_in
from tests.support.processes.waiting import PATIENCE_SECONDS
from tests.support.screens.route_browser import SIGNING_IN
from tests.support.screens.signed_in_pages import SignedInPages

RECEIPT = pdf_link("11111111-1111-4111-8111-111111111111")
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
OWN = {"sec-fetch-site": "same-origin", "sec-fetch-dest": "document"}


@pytest.fixture
def there(
    signed_in_pages: SignedInPages, monkeypatch: pytest.MonkeyPatch
) -> Iterator[OpenIdStandIn]:
    """The provider of the desk; an agent comes back from it."""
    with openid_stand_in(groups=[GROUPS["agent"], "everyone"]) as it:
        chosen = settings.load(_env_file=None, **{**SIGNING_IN, "CARDPAY_OIDC_ISSUER": it.url})
        application = replace(
            bootstrap.application(), settings=chosen, identity_provider=it.provider()
        )
        monkeypatch.setattr(bootstrap, "_application", application)
        yield it


def browser(*, behind_tls: bool = False) -> TestClient:
    """One without cookies."""
    return TestClient(
        Starlette(
            routes=[
                *sign_in_routes(bootstrap.application),
                *receipt_routes(bootstrap.application),
            ],
            middleware=[Middleware(HostCookies)] if behind_tls else [],
        ),
        base_url="https://testserver" if behind_tls else "http://testserver",
        headers={"user-agent": FIREFOX},
        follow_redirects=False,
    )


def sign_in(there: OpenIdStandIn, client: TestClient, page: str = "/payments") -> httpx.Response:
    """To the provider and back."""
    sent = client.get(LOGIN, headers={"referer": f"http://testserver{page}"})
    query = parse_qs(urlsplit(sent.headers["location"]).query)
    (there.nonce,) = query["nonce"]
    back: httpx.Response = client.get(
        "/oauth2callback", params={"code": "1", "state": query["state"][0]}
    )
    return back


def rows(pages: SignedInPages) -> list[SignInSession]:
    """The sessions that are stored, oldest first."""
    with pages.world.desk.store.reading() as session:
        return list(session.exec(select(SignInSession).order_by("started_at")))


def test_a_sign_in_begins_a_session(there: OpenIdStandIn, signed_in_pages: SignedInPages) -> None:
    """Back at the page that was asked for; the cookie names the sign-in, and nothing else."""
    client = browser()
    assert client.get(RECEIPT).status_code == 401
    back = sign_in(there, client)
    assert back.headers["location"] == "/payments"
    assert client.get(RECEIPT).status_code == 404  # known, and there is no such payment
    (row,) = rows(signed_in_pages)
    assert (row.roles, row.groups) == ("agent", [GROUPS["agent"]])
    assert (row.browser, row.origin) == ("Firefox on Windows", "testclient")
    assert row.token is not None
    set_cookies = back.headers.get_list("set-cookie")
    assert all("refresh" not in cookie for cookie in set_cookies)
    assert all("HttpOnly" in cookie for cookie in set_cookies if "Max-Age=0" not in cookie)
    with signed_in_pages.world.desk.store.reading() as session:
        assert session.get(Person, row.actor_id) is not None


@pytest.mark.parametrize(
    "lie",
    [
        pytest.param({"exp": 10**18}, id="no year"),
        pytest.param({"exp": "soon"}, id="no time"),
        pytest.param({"nonce": "other"}, id="another sign-in's"),
        pytest.param({"name": "A\0B"}, id="a NUL"),
        pytest.param({"email": "one@\ud800.example"}, id="half a character"),
        pytest.param({"groups": [str(number) for number in range(100_000)]}, id="groups"),
    ],
)
def test_an_absurd_token_begins_none(
    there: OpenIdStandIn, signed_in_pages: SignedInPages, lie: dict[str, object]
) -> None:
    """One sentence with a way on, no 500 and no cookie."""
    there.lie = lie
    client = browser()
    refused = sign_in(there, client)
    assert refused.status_code in {403, 503}
    assert "identity provider" in refused.text
    assert "Traceback" not in refused.text
    assert rows(signed_in_pages) == []
    assert client.get(RECEIPT).status_code == 401


def test_the_same_sign_in_begins_one_session(
    there: OpenIdStandIn, signed_in_pages: SignedInPages
) -> None:
    """A provider that takes a code twice, and says the same each time."""
    there.lie = {"iat": int(time.time()), "exp": int(time.time()) + 300}
    client = browser()
    query = parse_qs(urlsplit(client.get(LOGIN).headers["location"]).query)
    (there.nonce,) = query["nonce"]
    kept = dict(client.cookies)
    back = {"code": "1", "state": query["state"][0]}
    assert client.get("/oauth2callback", params=back).status_code == 302
    again = browser()
    again.cookies.update(kept)
    assert again.get("/oauth2callback", params=back).status_code == 403
    assert again.get(RECEIPT).status_code == 401
    assert client.get(RECEIPT).status_code == 404
    assert len(rows(signed_in_pages)) == 1


@pytest.mark.usefixtures("signed_in_pages")
def test_nobody_waits_for_those_who_come_back_from_a_slow_provider(
    there: OpenIdStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More of them than the process has threads; who has waited long is told to come back."""
    monkeypatch.setattr(bounded_http, "SECONDS", 2 * PATIENCE_SECONDS)
    monkeypatch.setattr(sign_in_routes_module, "_LONGEST_WAIT_SECONDS", 0.1)
    answers = threading.Event()
    there.wait = answers.wait  # type: ignore[assignment]

    async def talk() -> None:
        transport = httpx.ASGITransport(browser().app)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            query = parse_qs(urlsplit((await client.get(LOGIN)).headers["location"]).query)
            (there.nonce,) = query["nonce"]
            back = {"code": "1", "state": query["state"][0]}
            coming = [
                asyncio.create_task(client.get("/oauth2callback", params=back)) for _ in range(60)
            ]
            done, _ = await asyncio.wait(coming, return_when=asyncio.FIRST_COMPLETED)
            assert {task.result().status_code for task in done} == {503}
            async with httpx.AsyncClient(
                transport=transport, base_url="http://testserver"
            ) as other:
                assert (await other.get(RECEIPT)).status_code == 401
            assert len(there.asked) <= 8
            answers.set()
            await asyncio.wait(coming)

    try:
        run(talk())
    finally:
        answers.set()


def test_a_provider_that_is_down_is_told(
    there: OpenIdStandIn, signed_in_pages: SignedInPages
) -> None:
    """Before and after the way there."""
    there.document = {"issuer": "https://evil.example"}
    assert browser().get(LOGIN).status_code == 503
    assert rows(signed_in_pages) == []


def test_a_way_back_that_fits_to_no_way_out_signs_nobody_in(
    there: OpenIdStandIn, signed_in_pages: SignedInPages
) -> None:
    """A code that somebody else was given; a denial; the way back once more."""
    client = browser()
    assert client.get("/oauth2callback?code=1&state=2").headers["location"] == "/"
    assert client.get("/oauth2callback?error=access_denied&state=2").status_code == 302
    for state in ("2", "%C3%A9"):
        client.get(LOGIN)
        assert client.get(f"/oauth2callback?code=1&state={state}").status_code == 403
    sign_in(there, client)
    assert client.get("/oauth2callback?code=1&state=2").headers["location"] == "/"
    assert len(rows(signed_in_pages)) == 1


def test_a_second_sign_in_ends_the_first_of_that_browser(
    there: OpenIdStandIn, signed_in_pages: SignedInPages
) -> None:
    """Its cookie, taken from the browser before, lets nobody in."""
    client = browser()
    sign_in(there, client)
    signed_in_pages.world.clock.advance(minutes=1)
    there.claims["sub"] = "2"
    sign_in(there, client)
    first, second = rows(signed_in_pages)
    assert (first.end_reason, second.end_reason) == (EndReason.SIGNED_OUT, None)


FOREIGN = [
    pytest.param({"sec-fetch-site": "cross-site", "sec-fetch-dest": "document"}, id="a link"),
    pytest.param({"sec-fetch-site": "cross-site", "sec-fetch-dest": "image"}, id="a picture"),
    pytest.param({"sec-fetch-site": "same-site", "sec-fetch-dest": "document"}, id="a sibling"),
    pytest.param({"sec-fetch-site": "same-origin", "sec-fetch-dest": "image"}, id="our own text"),
    pytest.param({"referer": "https://evil.example/"}, id="an old browser"),
    pytest.param({"referer": "http://[::1/"}, id="no address"),
    pytest.param({"origin": "null"}, id="a frame without an origin"),
    pytest.param({}, id="nothing said"),
]


@pytest.mark.parametrize("headers", FOREIGN)
def test_another_site_signs_nobody_out(
    there: OpenIdStandIn, signed_in_pages: SignedInPages, headers: dict[str, str]
) -> None:
    """A link leads to a question; a form of another site to nothing at all."""
    client = browser()
    sign_in(there, client)
    asked = client.get(LOGOUT, headers=headers)
    assert asked.status_code == 200
    assert f'<a href="{LOGOUT}">Sign out</a>' in asked.text
    assert client.post(LOGOUT, headers=headers).status_code == 403
    assert client.get(RECEIPT).status_code == 404
    assert rows(signed_in_pages)[0].end_reason is None


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("headers", [OWN, {"referer": "http://testserver/payments"}])
def test_the_desk_itself_does(
    there: OpenIdStandIn, signed_in_pages: SignedInPages, method: str, headers: dict[str, str]
) -> None:
    """The row is ended, the cookie is gone, and the old one lets nobody in again."""
    client = browser()
    sign_in(there, client)
    kept = dict(client.cookies)
    out = client.request(method, LOGOUT, headers=headers)
    assert out.headers["location"].startswith(f"{there.url}/end?client_id=cardpay")
    assert "id_token" not in out.headers["location"]
    assert dict(client.cookies) == {}
    (row,) = rows(signed_in_pages)
    assert (row.end_reason, row.token) == (EndReason.SIGNED_OUT, None)
    client.cookies.update(kept)
    assert client.get(RECEIPT).status_code == 401
    assert client.get(LOGOUT, headers=OWN).status_code == 303


def test_over_tls_cookies_are_of_this_host_alone(there: OpenIdStandIn) -> None:
    """`__Host-`, Secure, for every path, for no domain; what comes without the prefix is not."""
    client = browser(behind_tls=True)
    back = sign_in(there, client)
    (user,) = [
        cookie
        for cookie in back.headers.get_list("set-cookie")
        if cookie.startswith("__Host-_streamlit_user=")
    ]
    assert "; Secure" in user
    assert "; Path=/;" in user
    assert "domain" not in user.lower()
    names = set(client.cookies)
    assert names == {"__Host-_streamlit_user"}
    assert client.get(RECEIPT).status_code == 404
    value = client.cookies["__Host-_streamlit_user"]
    thief = browser(behind_tls=True)
    thief.cookies.set("_streamlit_user", value)
    assert thief.get(RECEIPT).status_code == 401
    client.get(LOGOUT, headers=OWN)
    assert set(client.cookies) == set()


def test_the_cookie_says_which_sign_in_and_not_whose_groups(there: OpenIdStandIn) -> None:
    """No e-mail address, no groups, no token."""
    there.claims["email"] = "one@example.com"
    client = browser()
    sign_in(there, client)
    signed = client.cookies["_streamlit_user"]
    found = bootstrap.application().settings.streamlit_auth["cookie_secret"]
    said = _read(signed, found)
    assert set(said) == {
        *("iss", "sub", "iat", "nonce", "at_hash", "exp", "name"),
        *("is_logged_in", "origin"),
    }
    assert "one@example.com" not in json.dumps(said)


def _read(signed: str, secret: str) -> dict[str, object]:
    found = decode_signed_value(secret, "_streamlit_user", signed)
    assert found is not None
    read: dict[str, object] = json.loads(found)
    return read

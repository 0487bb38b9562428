"""What a browser may load on which path, and links that survive sign-in."""

import re

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from cardpay.web.security_headers import SecurityHeaders
from components.web.content_policy import page_policy, policies

PAYMENT = "11111111-1111-4111-8111-111111111111"


async def _page(_request: Request) -> Response:
    answer = PlainTextResponse("")
    answer.set_cookie("_streamlit_user", "x", httponly=True)
    return answer


def client() -> TestClient:
    """A few routes as Streamlit has them."""
    routes = [
        Route("/component/streamlit_javascript/index.html", _page),
        Route("/auth/login", _page),
        Route("/{path:path}", _page),
    ]
    middleware = [
        Middleware(SecurityHeaders, policy_of=policies(""), behind_tls=False),
    ]
    return TestClient(
        Starlette(routes=routes, middleware=middleware),
        base_url="http://desk.example.com",
        follow_redirects=False,
    )


def test_streamlit_javascript_has_a_policy_of_its_own() -> None:
    """Its document alone may evaluate text, and only our pages may frame it."""
    there = client()
    component = there.get("/component/streamlit_javascript/index.html").headers
    policy = component["content-security-policy"]
    assert "'unsafe-eval'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "'unsafe-eval'" not in there.get("/").headers["content-security-policy"]


@pytest.mark.parametrize(
    ("stripe_js_url", "script_hosts"),
    [
        ("/sandbox/v3/stripe.js", set()),
        ("https://js.stripe.com/v3", {"https://js.stripe.com", "https://*.js.stripe.com"}),
        ("http://127.0.0.1:8420/v3/stripe.js", {"http://127.0.0.1:8420"}),
    ],
    ids=["demo", "Stripe", "stand-in"],
)
def test_scripts_come_from_us_and_from_stripe_alone(
    stripe_js_url: str, script_hosts: set[str]
) -> None:
    """No inline script but Streamlit's own, by its hash; the demo reaches no other host."""
    policy = page_policy(stripe_js_url)
    (scripts,) = re.findall(r"script-src ([^;]*)", policy)
    sources = set(scripts.split())
    hashes = {source for source in sources if source.startswith("'sha256-")}
    assert len(hashes) == 1
    assert sources - hashes == {"'self'", "'wasm-unsafe-eval'"} | script_hosts
    assert "base-uri 'none'; " in policy
    assert ("https://api.stripe.com" in policy) == (script_hosts > {"https://js.stripe.com"})

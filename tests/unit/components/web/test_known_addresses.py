"""Which addresses there are."""

import re
from pathlib import Path

import pytest
import streamlit
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.testclient import TestClient

from components.frame.page_list import PAGES
from components.web.known_addresses import KnownAddresses


async def _here(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("here")


OWN: list[BaseRoute] = [
    Route("/webhooks/stripe", _here, methods=["POST"]),
    Route("/receipts/pdf/{payment}", _here, methods=["GET"]),
    Mount("/sandbox", Starlette(routes=[Route("/{rest:path}", _here, methods=["GET", "POST"])])),
]
# As Streamlit does: whatever nobody else answers is its page.
STREAMLITS = Route("/{rest:path}", _here, methods=["GET", "POST", "PUT", "DELETE"])


@pytest.fixture(scope="module")
def there() -> TestClient:
    """The desk's own routes before Streamlit's."""
    middleware = [Middleware(KnownAddresses, routes=OWN)]
    return TestClient(
        Starlette(routes=[*OWN, STREAMLITS], middleware=middleware), follow_redirects=False
    )


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        *(("GET", page.path, 200) for page in PAGES),
        ("HEAD", "/payments", 200),
        ("GET", "/payment?payment=pi_1", 200),
        ("GET", "/favicon.png", 200),
        ("GET", "/manifest.json", 200),
        ("GET", "/static/nothing.js", 404),
        ("GET", "/static/js", 404),
        ("GET", "/media/logo.png", 200),
        ("GET", "/component/streamlit_javascript.streamlit_javascript/index.html", 200),
        ("GET", "/_stcore/bidi-components/cardpay-card-form.card_form/index.js", 200),
        ("GET", "/_stcore/health", 200),
        ("GET", "/_stcore/host-config", 200),
        # Where people sign in, the desk has routes of its own for that.
        ("GET", "/auth/login", 404),
        ("GET", "/auth/logout", 404),
        ("GET", "/oauth2callback?code=1", 404),
        ("POST", "/webhooks/stripe", 200),
        ("GET", "/webhooks/stripe", 405),
        ("GET", "/receipts/pdf/1", 200),
        ("POST", "/sandbox/v1/charges", 200),
        ("GET", "/nothing", 404),
        ("GET", "/payments/nothing", 404),
        ("GET", "/payments/", 404),
        ("GET", "/Payments", 404),
        ("GET", "/payments/_stcore/health", 404),
        ("GET", "/index.html", 404),
        ("GET", "/receipts", 404),
        ("GET", "/robots.txt", 404),
        ("GET", "//evil.example/", 404),
        ("GET", "/_stcore/metrics", 404),
        ("OPTIONS", "/_stcore/metrics", 404),
        ("PUT", "/_stcore/upload_file/a/b", 404),
        ("DELETE", "/_stcore/upload_file/a/b", 404),
        ("OPTIONS", "/_stcore/upload_file/a/b", 404),
        ("GET", "/_stcore/script-health-check", 404),
        ("POST", "/_stcore/agent/mcp", 404),
        ("POST", "/payments", 404),
        ("POST", "/static/js/index.js", 404),
    ],
)
def test_an_address_is_known_or_answered_with_404(
    there: TestClient, method: str, path: str, status: int
) -> None:
    """Not with a page that says so: programs and search engines go by the status."""
    answer = there.request(method, f"http://desk{path}")
    assert answer.status_code == status
    if status == 404 and method != "HEAD":
        assert "There is no page at this address." in answer.text


def test_streamlits_own_files_are_there(there: TestClient) -> None:
    """Those that its page names."""
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    named = re.findall(r'(?:src|href)="\./([^"]+)"', page)
    assert named
    # One of them names the interface for programs, which is off.
    files = [file for file in named if not file.startswith("_stcore/agent/")]
    assert {there.get(f"/{file}").status_code for file in files} == {200}


def test_the_first_page_is_at_the_top(there: TestClient) -> None:
    """Streamlit has it there alone, and would draw "Page not found" at its name."""
    answer = there.get("/take_payment?payment=pi_1")
    assert (answer.status_code, answer.headers["location"]) == (308, "/?payment=pi_1")

"""Each request has an id, and a failure is answered in order."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from cardpay.logs.log import get_logger
from cardpay.web.request_middleware import Requests
from cardpay.web.security_headers import NOTHING, SecurityHeaders
from tests.support.secrets.log_lines import lines, read, written

BROUGHT = "a1b2c3d4-from-the-proxy"
PROXY = "10.1.2.3"

_log = get_logger("cardpay.test")


async def _page(_request: Request) -> PlainTextResponse:
    _log.warning("drawn")
    return PlainTextResponse("")


async def _broken(_request: Request) -> PlainTextResponse:
    raise RuntimeError("Customer One")


def client(peer: str = "192.0.2.7", port: int = 50_000) -> TestClient:
    """An app as both of ours are put together, seen from an address."""
    return TestClient(
        Starlette(
            routes=[Route("/", _page), Route("/broken", _broken)],
            middleware=[
                Middleware(ProxyHeadersMiddleware, trusted_hosts=[PROXY]),
                Middleware(SecurityHeaders, policy_of=lambda _path: NOTHING, behind_tls=False),
                Middleware(Requests, proxies=["10.0.0.0/8"]),
            ],
        ),
        client=(peer, port),
    )


@pytest.mark.parametrize(
    ("peer", "brought", "forwarded", "taken"),
    [
        pytest.param(PROXY, BROUGHT, None, True, id="a trusted proxy"),
        pytest.param(PROXY, BROUGHT, "192.0.2.7", True, id="one that names its client"),
        pytest.param("127.0.0.1", BROUGHT, None, True, id="this computer"),
        pytest.param("192.0.2.7", BROUGHT, None, False, id="anybody"),
        pytest.param("192.0.2.7", BROUGHT, PROXY, False, id="anybody who claims to be one"),
        pytest.param(PROXY, "short", None, False, id="too short"),
        pytest.param(PROXY, "x" * 65, None, False, id="too long"),
        pytest.param(PROXY, "a b;c\x01 2345678", None, False, id="not well-formed"),
        pytest.param("testclient", BROUGHT, None, False, id="no address"),
    ],
)
def test_whose_id_is_taken(peer: str, brought: str, forwarded: str | None, taken: bool) -> None:
    """A proxy's own, or a new one; it is in the answer and on the line alike."""
    sent = {"X-Request-Id": brought, **({"X-Forwarded-For": forwarded} if forwarded else {})}
    with written() as stream:
        got = client(peer).get("/", headers=sent).headers["x-request-id"]
    assert (got == brought) is taken
    assert len(got) == 32 or taken
    drawn = [line for line in read(stream) if line["event"] == "drawn"]
    assert [line["request_id"] for line in drawn] == [got]


def test_two_requests_have_two_ids() -> None:
    """On one connection, too."""
    there = client()
    assert there.get("/").headers["x-request-id"] != there.get("/").headers["x-request-id"]


def test_a_failure_is_answered_with_every_header(caplog: pytest.LogCaptureFixture) -> None:
    """And logged once, under the id that the answer names."""
    answer = client().get("/broken")
    assert (answer.status_code, answer.text) == (500, "Internal Server Error")
    assert answer.headers["content-security-policy"] == NOTHING
    (line,) = lines(caplog)
    assert (line["event"], line["error"]) == ("request failed", "RuntimeError")
    assert line["request_id"] == answer.headers["x-request-id"]
    assert "Customer" not in str(line)

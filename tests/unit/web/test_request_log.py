"""Each request has an id, and a failure is answered in order."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from cardpay.logs.configuration import Level
from cardpay.logs.logger import get_logger
from cardpay.web import request_log
from cardpay.web.rate_limit import Allowance, Rate
from cardpay.web.request_log import RequestLog
from cardpay.web.security_headers import NOTHING, SecurityHeaders
from tests.support.secrets.log_lines import read, written

BROUGHT = "a1b2c3d4-from-the-proxy"
PROXY = "10.1.2.3"
PAYMENT = "11111111-1111-4111-8111-111111111111"
LONG = "4%20" * 2_000  # each of its characters may begin a number

_log = get_logger("cardpay.test")


async def _page(_request: Request) -> PlainTextResponse:
    _log.warning("drawn")
    return PlainTextResponse("")


async def _broken(_request: Request) -> PlainTextResponse:
    raise RuntimeError("Customer One")


async def _status(request: Request) -> PlainTextResponse:
    return PlainTextResponse("", int(request.headers["x-status"]))


async def _socket(socket: WebSocket) -> None:
    await socket.accept()
    await socket.close()


async def _refusing_socket(socket: WebSocket) -> None:
    await socket.close()


def client(peer: str = "192.0.2.7", port: int = 50_000) -> TestClient:
    """An app as both of ours are put together, seen from an address."""
    return TestClient(
        Starlette(
            routes=[
                Route("/", _page),
                Route("/broken", _broken),
                WebSocketRoute("/socket", _socket),
                WebSocketRoute("/refusing", _refusing_socket),
                Route("/{path:path}", _status, methods=["GET", "POST"]),
            ],
            middleware=[
                Middleware(ProxyHeadersMiddleware, trusted_hosts=[PROXY]),
                Middleware(SecurityHeaders, policy_of=lambda _path: NOTHING, behind_tls=False),
                Middleware(RequestLog, proxies=["10.0.0.0/8"]),
            ],
        ),
        client=(peer, port),
    )


def test_a_flood_of_refused_requests_fills_no_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each status has its own lines; what is answered as ever is always told.

    Readiness, which anybody may ask about, is a 503 for as long as the database is away.
    """
    monkeypatch.setattr(request_log, "REFUSALS", Rate(at_once=2, per_second=1e-6))
    browser = client()
    with written() as stream:
        for status in (404, 404, 404, 503, 200, 404, 503, 200, 503):
            browser.get("/nothing", headers={"x-status": str(status)})
        told = [line for line in read(stream) if line["event"] == "request"]
    assert [line["status"] for line in told] == [404, 404, 503, 200, 503, 200]


def test_what_was_left_out_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """On the next line of its status."""
    now = 0.0
    monkeypatch.setattr(request_log, "REFUSALS", Rate(at_once=1, per_second=1))
    monkeypatch.setattr(request_log, "Allowance", lambda rate: Allowance(rate, lambda: now))
    browser = client()
    with written() as stream:
        for _ in range(4):
            browser.get("/nothing", headers={"x-status": "404"})
        now = 1.0
        browser.get("/nothing", headers={"x-status": "404"})
        told = [line for line in read(stream) if line["event"] == "request"]
    assert [line.get("untold") for line in told] == [None, 3]


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


def test_a_failure_is_answered_with_every_header() -> None:
    """And logged once, under the id that the answer names."""
    with written() as stream:
        answer = client().get("/broken")
    assert (answer.status_code, answer.text) == (500, "Internal Server Error")
    assert answer.headers["content-security-policy"] == NOTHING
    failed, request = read(stream)
    assert (failed["event"], failed["error"]) == ("request failed", "RuntimeError")
    assert (request["event"], request["status"]) == ("request", 500)
    assert failed["request_id"] == request["request_id"] == answer.headers["x-request-id"]
    assert "Customer" not in str(failed)


@pytest.mark.parametrize(
    ("method", "target", "status", "path", "told_at"),
    [
        ("GET", "/payments?search=Customer%20One", 200, "/payments?…", "INFO"),
        ("GET", "/payments?Customer%20One", 200, "/payments?…", "INFO"),
        ("GET", f"/pay?payment={PAYMENT}&name=x", 200, f"/pay?payment={PAYMENT}", "INFO"),
        ("GET", "/a%0Ab%1B", 404, "/a%0Ab%1B", "INFO"),
        ("GET", f"/receipts/pdf/{LONG}", 404, "/receipts/pdf/...", "INFO"),
        ("GET", f"/pay?payment={PAYMENT}&x={LONG}", 200, f"/pay?payment={PAYMENT}", "INFO"),
        ("GET", "/customer.one@example.com", 404, "/•••@•••", "INFO"),
        ("POST", "/webhooks/stripe", 400, "/webhooks/stripe", "INFO"),
        ("GET", "/readyz", 503, "/readyz", "INFO"),
        ("GET", "/static/gone.js", 404, "/static/gone.js", "INFO"),
        ("POST", "/webhooks/stripe", 200, "/webhooks/stripe", "DEBUG"),
        ("GET", "/healthz?x=1", 200, "/healthz?…", "DEBUG"),
        ("GET", "/static/js/index.js", 200, "/static/js/index.js", "DEBUG"),
    ],
)
def test_a_request_is_told_without_who_and_what(
    method: str, target: str, status: int, path: str, told_at: Level
) -> None:
    """No address, no query; what comes by the thousand is told at DEBUG unless it failed."""
    sent = {"X-Status": str(status)}
    with written(level="INFO") as stream:
        client().request(method, target, headers=sent)
    assert bool(stream.getvalue()) is (told_at == "INFO")
    with written(level="DEBUG") as stream:
        answer = client().request(method, target, headers=sent)
    (line,) = [one for one in read(stream) if one["logger"] == "cardpay.web.request_log"]
    assert line.pop("duration_ms") >= 0
    assert line.pop("timestamp")
    assert line == {
        "event": "request",
        "level": told_at.lower(),
        "logger": "cardpay.web.request_log",
        "method": method,
        "path": path,
        "request_id": answer.headers["x-request-id"],
        "status": status,
    }


def test_a_websocket_is_told_when_it_has_ended() -> None:
    """One that was refused always, an ordinary one at DEBUG."""
    with written(level="DEBUG") as stream:
        with client().websocket_connect("/socket?name=Customer"):
            pass
        with (
            pytest.raises(WebSocketDisconnect),
            client().websocket_connect("/refusing?name=Customer"),
        ):
            pass
    said = [one for one in read(stream) if one["logger"] == "cardpay.web.request_log"]
    assert [(one["event"], one["path"], one["status"], one["level"]) for one in said] == [
        ("websocket", "/socket?…", 101, "debug"),
        ("websocket", "/refusing?…", 403, "info"),
    ]

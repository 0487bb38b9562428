"""The headers of every answer, whoever makes it."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocket

from cardpay.web.body_limit import LARGEST_BODY_BYTES, BodyLimit
from cardpay.web.security_headers import NOTHING, SecurityHeaders
from cardpay.web.trusted_hosts import TrustedHosts

HEADERS = {
    "content-security-policy": NOTHING,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


async def _page(_request: Request) -> Response:
    answer = PlainTextResponse("", headers={"X-Content-Type-Options": "sniff"})
    answer.set_cookie("_streamlit_user", "x", httponly=True)
    answer.set_cookie("_streamlit_xsrf", "y", secure=True)
    return answer


async def _socket(websocket: WebSocket) -> None:
    if "closed" in websocket.url.path:
        await websocket.close()
    else:
        await websocket.accept()
        await websocket.close()


def client(*, behind_tls: bool = False, scheme: str = "http") -> TestClient:
    """A few routes behind all that stands before ours."""
    return TestClient(
        Starlette(
            routes=[
                Route("/", _page, methods=["GET", "POST"]),
                WebSocketRoute("/open", _socket),
                WebSocketRoute("/closed", _socket),
            ],
            middleware=[
                Middleware(
                    SecurityHeaders, policy_of=lambda _path: NOTHING, behind_tls=behind_tls
                ),
                Middleware(TrustedHosts, hosts=["desk.example.com"]),
                Middleware(BodyLimit),
            ],
        ),
        base_url=f"{scheme}://desk.example.com",
    )


@pytest.mark.parametrize(
    ("method", "path", "status", "sent"),
    [
        pytest.param("GET", "/", 200, {}, id="a page"),
        pytest.param("HEAD", "/", 200, {}, id="its headers alone"),
        pytest.param("GET", "/nothing", 404, {}, id="no page"),
        pytest.param("PUT", "/", 405, {}, id="a wrong method"),
        pytest.param("GET", "/", 400, {"headers": {"host": "evil"}}, id="another host"),
        pytest.param("POST", "/", 413, {"content": b"x" * (LARGEST_BODY_BYTES + 1)}, id="large"),
    ],
)
def test_every_answer_carries_the_headers(
    method: str, path: str, status: int, sent: dict[str, dict[str, str]]
) -> None:
    """Once each, also where a guard answers before any route."""
    answer = client().request(method, path, **sent)
    assert answer.status_code == status
    assert {name: answer.headers.get_list(name) for name in HEADERS} == {
        name: [value] for name, value in HEADERS.items()
    }
    assert "camera=()" in answer.headers["permissions-policy"]
    assert "strict-transport-security" not in answer.headers


@pytest.mark.parametrize(
    ("path", "host"), [("/closed", "desk.example.com"), ("/open", "evil")], ids=["route", "guard"]
)
def test_a_websocket_that_is_not_let_in_carries_them_too(path: str, host: str) -> None:
    """Its refusal is an answer like any other."""
    with (
        pytest.raises(WebSocketDenialResponse) as refused,
        client().websocket_connect(path, headers={"host": host}),
    ):
        pass
    assert refused.value.status_code == 403
    assert {name: refused.value.headers[name] for name in HEADERS} == HEADERS


def test_an_open_websocket_is_closed_as_ever() -> None:
    """Only a refusal is an answer."""
    with client().websocket_connect("/open", headers={"host": "desk.example.com"}) as socket:
        assert socket.receive()["type"] == "websocket.close"


@pytest.mark.parametrize(("behind_tls", "scheme"), [(True, "http"), (False, "https")])
def test_behind_tls_cookies_are_secure(behind_tls: bool, scheme: str) -> None:
    """Whether the settings say so or the request came that way; not twice."""
    headers = client(behind_tls=behind_tls, scheme=scheme).get("/").headers
    assert headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    cookies = headers.get_list("set-cookie")
    assert [cookie.lower().count("; secure") for cookie in cookies] == [1, 1]


def test_over_plain_http_nothing_promises_tls() -> None:
    """A cookie that a browser would not send back signs nobody in."""
    assert "secure" not in client().get("/").headers.get_list("set-cookie")[0].lower()

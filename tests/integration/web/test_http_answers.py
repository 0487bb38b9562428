"""The app's and the receiver's answers and log lines, as real processes give them."""

import http.client
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cardpay.web.security_headers import NOTHING
from tests.support.processes import servers
from tests.support.processes.servers import Server
from tests.support.processes.streamlit_sockets import open_tab
from tests.support.processes.waiting import PATIENCE_SECONDS, wait_for

PAYMENT = "11111111-1111-4111-8111-111111111111"
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
SOCKET = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
CALLED_BACK = "/oauth2callback?error=access_denied"
# What a browser would never say where it comes from, or in a cookie.
HOSTILE = (
    "http://[::1/",
    "cardpay_sign_in=http%3A%2F%2F[::1%2F",
    "cardpay_sign_in=%ff%zz%; _streamlit_user=%ff|1|2",
    "_streamlit_user=2|1:0|9:99999999999|15:_streamlit_user|4:e30=|x",
    '_streamlit_user="\\377\\000"; _streamlit_xsrf="\\377"; _streamlit_session=\xff',
    "http://desk/payment?payment=%ff" + "&a=%" * 500,
    "\xe9\xff",
    '=;=;,;"',
)
TOO_LARGE = {"Content-Length": str(1024 * 1024 * 1024)}
OVER_TLS = {"X-Forwarded-Proto": "https"}


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`uvicorn cardpay.web.receiver:app` with two workers, for one host."""
    folder = tmp_path_factory.mktemp("receiver")
    with servers.receiver(
        folder,
        2,
        CARDPAY_DATABASE_URL=f"sqlite:///{folder / 'desk.db'}",
        CARDPAY_STRIPE_ACCOUNT="acct_1test",
        CARDPAY_ALLOWED_HOSTS="127.0.0.1,desk.example.com",
    ) as server:
        yield server


def answer(
    server: Server, method: str, path: str, sent: dict[str, str] | None = None
) -> tuple[int, http.client.HTTPMessage]:
    """Status and headers of one request, redirects not followed."""
    connection = http.client.HTTPConnection(
        server.url.removeprefix("http://"), timeout=PATIENCE_SECONDS
    )
    try:
        connection.request(method, path, headers=sent or {})
        got = connection.getresponse()
        return got.status, got.headers
    finally:
        connection.close()


def assert_headers(got: http.client.HTTPMessage) -> None:
    """Each of them, once."""
    assert {name: got.get_all(name) for name in HEADERS} == {
        name: [value] for name, value in HEADERS.items()
    }
    assert "camera=()" in got["permissions-policy"]
    assert len(got.get_all("content-security-policy") or ()) == 1
    assert re.fullmatch(r"[0-9a-f]{32}", got["x-request-id"] or "") or got["upgrade"]


@pytest.mark.parametrize(
    ("method", "path", "status", "sent"),
    [
        pytest.param("GET", "/", 200, {}, id="page"),
        pytest.param("GET", f"/payments?payment={PAYMENT}", 200, {}, id="link"),
        pytest.param("GET", "/healthz", 200, {}, id="health"),
        pytest.param("GET", "/readyz", 200, {}, id="readiness"),
        pytest.param("POST", "/healthz", 405, {}, id="wrong method"),
        pytest.param("POST", "/webhooks/stripe", 400, {}, id="unsigned webhook"),
        pytest.param("GET", "/media/nothing", 404, {}, id="nothing there"),
        pytest.param("GET", "/_stcore/health", 200, {}, id="Streamlit's own route"),
        pytest.param("GET", "/static/nothing.js", 404, {}, id="no static file"),
        pytest.param("GET", "/favicon.png", 200, {}, id="static file"),
        pytest.param("GET", "//evil.example/", 404, {}, id="forbidden path"),
        pytest.param("GET", "/%2e%2e/%2e%2e/etc/passwd", 404, {}, id="path to a file"),
        pytest.param("GET", "/media/%ff%00", 400, {}, id="broken path"),
        pytest.param("GET", "/nothing", 404, {}, id="no page"),
        pytest.param("GET", "/take_payment", 308, {}, id="first page by its name"),
        pytest.param("GET", "/_stcore/metrics", 404, {}, id="metrics"),
        pytest.param("GET", f"/?q={'x' * 9_000}", 414, {}, id="long query"),
        pytest.param("GET", "/", 431, {"Cookie": "x" * 40_000}, id="large headers"),
        *(
            pytest.param("GET", path, 302, {name: value}, id=f"{name.lower()} {number}")
            for path, name in (("/auth/login", "Referer"), (CALLED_BACK, "Cookie"))
            for number, value in enumerate(HOSTILE)
        ),
        pytest.param("GET", "/sandbox/v3/stripe.js", 200, {}, id="sandbox's script"),
        pytest.param("GET", "/sandbox/v1/charges", 401, {}, id="sandbox's error"),
        pytest.param("OPTIONS", "/sandbox/v1/charges", 204, {}, id="sandbox's preflight"),
        pytest.param("GET", "/auth/login", 302, {}, id="redirect to sign-in"),
        pytest.param("GET", "/oauth2callback?error=access_denied", 302, {}, id="redirect back"),
        pytest.param("GET", "/", 400, {"Host": "evil.example"}, id="another host"),
        pytest.param("POST", "/webhooks/stripe", 413, TOO_LARGE, id="body too large"),
        pytest.param(
            "PUT", "/_stcore/upload_file/a/b", 404, {"Content-Length": "0"}, id="forged upload"
        ),
        pytest.param(
            "GET", "/_stcore/stream", 403, {**SOCKET, "Host": "evil.example"}, id="socket's host"
        ),
        pytest.param(
            "GET",
            "/_stcore/stream",
            403,
            {**SOCKET, "Origin": "https://evil.example"},
            id="socket of another site",
        ),
    ],
)
def test_every_answer_of_the_app_carries_the_headers(
    app: Server, method: str, path: str, status: int, sent: dict[str, str]
) -> None:
    """Pages, files, redirects, refusals: nothing may be framed, whoever answered."""
    got_status, headers = answer(app, method, path, sent)
    assert got_status == status
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    if "stream" not in path:  # a socket's refusal has no id
        assert_headers(headers)
    assert headers["strict-transport-security"] is None


def test_streamlits_older_component_may_be_framed_by_us_alone(app: Server) -> None:
    """It is the one document that is."""
    path = "/component/streamlit_javascript.streamlit_javascript/index.html"
    _, headers = answer(app, "GET", path)
    assert_headers(headers)
    assert "frame-ancestors 'self'" in headers["content-security-policy"]


@pytest.mark.parametrize(
    ("method", "path", "status", "sent"),
    [
        pytest.param("GET", "/healthz", 200, {}, id="health"),
        pytest.param("GET", "/readyz", 200, {}, id="readiness"),
        pytest.param("GET", "/", 404, {}, id="no pages"),
        pytest.param("GET", "/webhooks/stripe", 405, {}, id="wrong method"),
        pytest.param("POST", "/webhooks/stripe", 400, {}, id="unsigned webhook"),
        pytest.param("POST", "/webhooks/stripe", 413, TOO_LARGE, id="body too large"),
        pytest.param("POST", "/webhooks/stripe", 400, {"Host": "evil.example"}, id="other host"),
    ],
)
def test_every_answer_of_the_receiver_carries_the_headers(
    receiver: Server, method: str, path: str, status: int, sent: dict[str, str]
) -> None:
    """With a policy under which nothing at all may be loaded."""
    got_status, headers = answer(receiver, method, path, sent)
    assert got_status == status
    assert_headers(headers)
    assert headers["content-security-policy"] == NOTHING


@pytest.mark.parametrize(
    ("path", "name", "for_scripts"),
    [
        # Streamlit's own script sends it back in a header: what reads it is of this origin.
        pytest.param("/_stcore/health", "_streamlit_xsrf", True, id="against forged requests"),
        pytest.param("/auth/login", "cardpay_sign_in", False, id="the way back"),
    ],
)
def test_cookies_travel_over_tls_and_to_us_alone(
    app: Server, path: str, name: str, for_scripts: bool
) -> None:
    """Secure where the request came by https, and never sent along from another site's form."""
    for sent, secure in (({}, False), (OVER_TLS, True)):
        _, headers = answer(app, "GET", path, sent)
        cookies = headers.get_all("set-cookie") or []
        found = [cookie.lower() for cookie in cookies if cookie.startswith(f"{name}=")]
        assert found, cookies
        for cookie in found:
            parts = {part.strip() for part in cookie.split(";")}
            assert ("secure" in parts) is secure
            assert "samesite=lax" in parts
            assert ("httponly" in parts) is not for_scripts
        assert (headers["strict-transport-security"] is not None) is secure


def _lines(server: Server) -> list[dict[str, object]]:
    """What the process logged, each line of it JSON but for the servers' first and last words."""
    found = []
    for line in server.log.read_text().splitlines():
        if line.startswith("{"):
            found.append(json.loads(line))
        else:
            assert re.match(r"INFO:     \w+ing|INFO:     (?:Started|Uvicorn|Term)|\s*$", line), (
                line
            )
    return found


def _wait_until_told(server: Server, *answers: http.client.HTTPMessage) -> None:
    """A request's line is written once the answer is out."""
    ids = [str(headers["x-request-id"]) for headers in answers]

    def all_told() -> bool:
        lines = server.log.read_text().splitlines()
        told = [line for line in lines if "cardpay.web.request_log" in line]
        return all(any(one in line for line in told) for one in ids)

    wait_for(all_told, "a request was not logged")


@pytest.mark.parametrize("which", ["app", "receiver"])
def test_everything_is_logged_one_way(which: str, request: pytest.FixtureRequest) -> None:
    """uvicorn's lines and ours alike are JSON with an id, and without what was typed."""
    server: Server = request.getfixturevalue(which)
    asked = f"/_stcore/nothing?payment={PAYMENT}&name=Customer%20One&card=4242424242424242"
    _, headers = answer(server, "GET", asked)
    _, refused = answer(server, "POST", "/webhooks/stripe")
    _wait_until_told(server, headers, refused)
    said = _lines(server)
    assert {"uvicorn.error", "cardpay.bootstrap"} <= {line["logger"] for line in said}
    (asked_line,) = [line for line in said if line.get("request_id") == headers["x-request-id"]]
    assert asked_line["path"] == f"/_stcore/nothing?payment={PAYMENT}"
    events = [line["event"] for line in said if line.get("request_id") == refused["x-request-id"]]
    assert events == ["webhook refused", "request"]
    assert "Customer" not in server.log.read_text()
    assert "4242424242424242" not in server.log.read_text()


@pytest.mark.full
@pytest.mark.parametrize("form", ["json", "text"])
def test_streamlits_own_start_logs_the_same_way(tmp_path: Path, form: str) -> None:
    """`streamlit run app.py` prints its address first; what follows is the desk's to write."""
    with servers.app(tmp_path, CARDPAY_LOG_FORMAT=form) as running:
        answer(running, "GET", "/", {**SOCKET, "Origin": "https://evil.example"})
        with open_tab(running) as tab:
            (began,) = (told for told in tab.draw() if told.WhichOneof("type") == "new_session")
            session_id = began.new_session.initialize.session_id
            open_tab(running, session_id=session_id).connection.close()
        _, headers = answer(running, "GET", "/payments?name=Customer%20One")
        assert headers["server"] is None  # so its connections are limited as well
        _wait_until_told(running, headers)
    text = running.log.read_text().split("URL:")[-1]
    body = "\n".join(text.splitlines()[1:])
    assert "without completing handshake" not in body
    streamlits = [line for line in body.splitlines() if "already connected" in line]
    assert len(streamlits) == 1
    (asked,) = [line for line in body.splitlines() if str(headers["x-request-id"]) in line]
    assert "/payments?…" in asked
    if form == "json":
        said = [json.loads(line) for line in body.splitlines() if line.strip()]
        assert {"cardpay.bootstrap", "uvicorn.error"} <= {line["logger"] for line in said}
    else:
        assert re.match(r"\d{4}-\d\d-\d\dT[\d:.]+Z \[warning  ] Session", streamlits[0])


@pytest.mark.full
def test_the_receiver_says_in_a_sentence_why_it_does_not_start(tmp_path: Path) -> None:
    """And does not try again and again with another worker."""
    with pytest.raises(AssertionError, match="CARDPAY_TRUSTED_PROXIES must list addresses"):
        servers.receiver(tmp_path, 2, CARDPAY_TRUSTED_PROXIES="everybody").__enter__()

"""The sandbox's ASGI app, mounted in another."""

import asyncio
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from cardpay.sandbox import Sandbox, make_asgi_app
from tests.support.processes.asyncio_in_thread import run


def _get(app: ASGIApp, path: str, key: str = "") -> list[dict[str, Any]]:
    """The ASGI messages of the app's response."""
    sent: list[dict[str, Any]] = []
    headers = [(b"authorization", f"Bearer {key}".encode())] if key else []
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "server": ("127.0.0.1", 80),
    }

    request = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> dict[str, Any]:
        message = next(request, None)
        if message is None:
            await asyncio.Event().wait()  # the client stays
            raise AssertionError
        return message

    async def send(message: Any) -> None:
        sent.append(message)

    async def talk() -> None:
        await app(scope, receive, send)

    run(talk())
    return sent


@pytest.mark.parametrize("path", ["/sandbox/v1/account", "/sandbox/v3/stripe.js"])
def test_mounted_under_a_prefix(sandbox: Sandbox, path: str) -> None:
    """The API and the script are served below the prefix."""
    app = Starlette(routes=[Mount("/sandbox", make_asgi_app(sandbox))])

    assert _get(app, path, sandbox.secret_key)[0]["status"] == 200


@pytest.mark.parametrize(("control", "status"), [(True, 200), (False, 404)])
def test_the_control_api_is_optional(sandbox: Sandbox, control: bool, status: int) -> None:
    """Without `control=True` there is no control API."""
    app = make_asgi_app(sandbox, control=control)

    assert _get(app, "/_control/clock", sandbox.secret_key)[0]["status"] == status


def test_a_drop_behind_a_middleware(sandbox: Sandbox) -> None:
    """If the connection cannot be closed, the response is cut off."""
    sandbox.faults.add("drop_before")
    app = Starlette(routes=[Mount("/sandbox", make_asgi_app(sandbox))])

    start, body = _get(app, "/sandbox/v1/account", sandbox.secret_key)

    assert dict(start["headers"])[b"content-length"] == b"1000"
    assert body["more_body"] is True


def test_hosted_pages_are_found_where_the_sandbox_is_mounted() -> None:
    """A link that somebody sends leads to the page, not beside it."""
    sandbox = Sandbox(None)
    _get(Starlette(routes=[Mount("/sandbox", make_asgi_app(sandbox))]), "/sandbox/v3/stripe.js")
    assert sandbox.paid_page() == "http://127.0.0.1/sandbox/paid/thanks"
    _get(make_asgi_app(sandbox), "/v3/stripe.js")
    assert sandbox.paid_page() == "http://127.0.0.1/paid/thanks"
    # No request moves it from an address that is known.
    _get(make_asgi_app(sandbox, address="https://desk.example.com/sandbox"), "/v3/stripe.js")
    assert sandbox.paid_page() == "https://desk.example.com/sandbox/paid/thanks"
    sandbox.close()


@pytest.mark.parametrize("for_browsers", [True, False])
def test_beside_a_desk_it_is_for_browsers_alone(sandbox: Sandbox, *, for_browsers: bool) -> None:
    """A made-up secret key and another site's page get nothing; the publishable key does."""
    client = TestClient(make_asgi_app(sandbox, for_browsers=for_browsers))
    secret, public = (
        {"Authorization": f"Bearer {key}"} for key in (sandbox.secret_key, sandbox.publishable_key)
    )
    assert client.get("/v1/account", headers=secret).status_code == (401 if for_browsers else 200)
    card = {"type": "card", "card[token]": "tok_visa"}
    made = client.post("/v1/payment_methods", headers=public, data=card)
    assert made.status_code == 200
    other = {"Authorization": "Bearer pk_test_another"}
    assert client.post("/v1/payment_methods", headers=other, data=card).status_code == (
        401 if for_browsers else 200
    )
    preflight = client.options("/v1/payment_methods", headers={"Origin": "https://evil.example"})
    for answer in (made, preflight, client.get("/v3/stripe.js")):
        assert ("access-control-allow-origin" in answer.headers) is not for_browsers


def test_what_is_no_text_is_no_form(sandbox: Sandbox) -> None:
    """Of a hosted page; and a number without end is no number."""
    client = TestClient(make_asgi_app(sandbox))
    assert client.post("/checkout/nope", content=b"\xff\xfe=1").status_code == 404
    public = {"Authorization": f"Bearer {sandbox.publishable_key}"}
    card = {
        "type": "card",
        "card[number]": "4242424242424242",
        "card[exp_month]": "1",
        "card[exp_year]": "9" * 5_000,
    }
    assert client.post("/v1/payment_methods", headers=public, data=card).status_code == 402

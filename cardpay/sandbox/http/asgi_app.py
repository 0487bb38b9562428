"""The sandbox as an ASGI app: the API, the browser script, and the control API for tests.

It is one plain ASGI function without a router, because a router wraps the server's `send`, which
is needed to drop a connection.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from cardpay.sandbox.fault_injection import ConnectionDropped, Hang
from cardpay.sandbox.http.control_api import ControlApi
from cardpay.sandbox.pages.hosted_pages import BEGINNINGS
from cardpay.sandbox.pages.page_layout import HEADERS
from cardpay.sandbox.sandbox import Sandbox

BROWSER_SCRIPT = Path(__file__).parents[1] / "browser" / "stripe.js"

# The script runs on the desk's page, whose origin in development differs from the sandbox's.
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, Stripe-Version",
    "Access-Control-Expose-Headers": "Request-Id, Stripe-Version",
    "Access-Control-Max-Age": "600",
}


_FOR_BROWSERS: Final = {
    "error": {
        "type": "invalid_request_error",
        "message": "Here Stripe is for browsers, which have the publishable key.",
    }
}


def make_asgi_app(
    sandbox: Sandbox,
    *,
    control: bool = False,
    for_browsers: bool = False,
    address: str | None = None,
) -> ASGIApp:
    """The ASGI app of a sandbox. It can be mounted under a prefix.

    `control` adds the control API under `/_control`. It is for tests only, because it has no
    authentication. `for_browsers` is for whoever has the sandbox in their own process: other sites
    and secret keys, which anybody can make up, get nothing. `address` is where browsers find it;
    without one it is where the last request found it.
    """
    headers = {} if for_browsers else _CORS
    control_api = ControlApi(sandbox) if control else None

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        # `base_url` leaves out where the sandbox is mounted.
        found_at = f"{request.url.scheme}://{request.url.netloc}{scope.get('root_path', '')}"
        sandbox.reached_at(address or found_at)
        if request.method == "OPTIONS" and path.startswith("/v1/"):
            await Response(status_code=204, headers=headers)(scope, receive, send)
        elif path == "/v3/stripe.js":
            await _script(headers)(scope, receive, send)
        elif path.startswith(BEGINNINGS):
            await (await _hosted_page(sandbox, path, request))(scope, receive, send)
        elif path.startswith("/_control/") and control_api is not None:
            body = await request.body()
            name = path.removeprefix("/_control/")
            response = await run_in_threadpool(control_api.handle, request.method, name, body)
            await response(scope, receive, send)
        elif for_browsers and not _is_public(sandbox, request):
            await JSONResponse(_FOR_BROWSERS, 401)(scope, receive, send)
        else:
            await _api(sandbox, path, request, send, headers)

    return app


def _is_public(sandbox: Sandbox, request: Request) -> bool:
    return request.headers.get("authorization") == f"Bearer {sandbox.publishable_key}"


async def _api(
    sandbox: Sandbox, path: str, request: Request, send: Send, also: Mapping[str, str]
) -> None:
    query = request.url.query
    target = f"{path}?{query}" if query else path
    body = await request.body()
    try:
        reply = await run_in_threadpool(
            sandbox.handle, request.method, target, dict(request.headers), body
        )
    except Hang as hang:
        await asyncio.sleep(hang.seconds)
        await _drop(send)
    except ConnectionDropped:
        await _drop(send)
    else:
        response = Response(reply.body, reply.status, {**also, **reply.headers})
        await response(request.scope, request.receive, send)


async def _hosted_page(sandbox: Sandbox, path: str, request: Request) -> Response:
    sent = request.url.query
    if request.method == "POST":
        sent = (await request.body()).decode(errors="replace")
    fields = dict(parse_qsl(sent, keep_blank_values=True))
    page = await run_in_threadpool(sandbox.page, request.method, path, fields)
    location = {"Location": page.location} if page.location else {}
    return Response(page.html, page.status, {**HEADERS, **location})


def _script(also: Mapping[str, str]) -> Response:
    # `no-cache`: browsers revalidate each time, so an old script never runs with a new demo.
    return FileResponse(
        BROWSER_SCRIPT,
        media_type="text/javascript",
        headers={**also, "Cache-Control": "no-cache"},
    )


async def _drop(send: Send) -> None:
    """Close the connection without a response.

    uvicorn's `send` is a method of the object that has the transport. A middleware hides that
    object. Then the response is cut off, which the client sees as a lost connection too.
    """
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is not None:
        transport.abort()
        await asyncio.sleep(0)  # lets the server notice, or it would try to send a 500
        return
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"content-type", b"application/json"), (b"content-length", b"1000")],
        }
    )
    await send({"type": "http.response.body", "body": b"{", "more_body": True})


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return

"""The sandbox over HTTP: the API, the browser script, and (for tests) the switchboard.

It is one plain ASGI function, not a router, so that a dropped connection can really be dropped:
a router's wrapping hides the server's own `send`.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from cardpay.sandbox.fault_injection import ConnectionDropped, Hang
from cardpay.sandbox.http.request_handler import Reply

BROWSER_SCRIPT = Path(__file__).parents[1] / "browser" / "stripe.js"

# The script runs on the desk's page, which in development is another origin than the sandbox's.
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, Stripe-Version",
    "Access-Control-Expose-Headers": "Request-Id, Stripe-Version",
    "Access-Control-Max-Age": "600",
}

Handle: TypeAlias = Callable[[str, str, dict[str, str], bytes], Reply]
Control: TypeAlias = Callable[[str, str, bytes], Response]


def make_app(handle: Handle, control: Control | None) -> ASGIApp:
    """The ASGI app. Without `control` there is no `/_control`."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if request.method == "OPTIONS" and path.startswith("/v1/"):
            await Response(status_code=204, headers=_CORS)(scope, receive, send)
        elif path == "/v3/stripe.js":
            await _script()(scope, receive, send)
        elif path.startswith("/_control/") and control is not None:
            body = await request.body()
            name = path.removeprefix("/_control/")
            answer = await run_in_threadpool(control, request.method, name, body)
            await answer(scope, receive, send)
        else:
            await _api(handle, path, request, send)

    return app


async def _api(handle: Handle, path: str, request: Request, send: Send) -> None:
    query = request.url.query
    target = f"{path}?{query}" if query else path
    body = await request.body()
    try:
        reply = await run_in_threadpool(
            handle, request.method, target, dict(request.headers), body
        )
    except Hang as hang:
        await asyncio.sleep(hang.seconds)
        await _drop(send)
    except ConnectionDropped:
        await _drop(send)
    else:
        headers = {**_CORS, **reply.headers}
        answer = Response(reply.body, reply.status, headers)
        await answer(request.scope, request.receive, send)


def _script() -> Response:
    if not BROWSER_SCRIPT.exists():
        return PlainTextResponse("no browser script", 404)
    # `no-cache`: a browser asks each time, so a new version of the demo is never mixed with old.
    return FileResponse(
        BROWSER_SCRIPT,
        media_type="text/javascript",
        headers={**_CORS, "Cache-Control": "no-cache"},
    )


async def _drop(send: Send) -> None:
    """Close the connection without an answer.

    uvicorn's `send` is a method of the object that holds the transport. Behind a middleware it
    is out of reach: there the answer is cut off in the middle, which is a lost connection too.
    """
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is not None:
        transport.abort()
        await asyncio.sleep(0)  # let the server notice, or it tries to send a 500
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

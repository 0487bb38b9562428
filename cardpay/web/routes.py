"""The routes beside the pages: the receiver of events, health, and in demo mode the sandbox."""

import asyncio
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from cardpay.bootstrap import SANDBOX_MOUNT, WEBHOOK_PATH, Application
from cardpay.gateway.webhook_verification import MalformedEvent, SignatureRefused, verified_event
from cardpay.logs.logger import failure, get_logger
from cardpay.sandbox import make_asgi_app
from cardpay.services.webhooks.group_commit import Inbox
from cardpay.storage.database import migrate
from cardpay.web.refusal_rate_limit import BAD_SIGNATURES_A_MINUTE, RefusalRateLimit

_log = get_logger(__name__)


def routes(application: Callable[[], Application]) -> list[BaseRoute]:
    """`/healthz`, `/readyz`, the webhook, and in demo mode the sandbox, without its controls."""
    found = receiver_routes(application)
    sandbox = application().sandbox
    if sandbox is not None:
        # Where people sign in the desk has one address, whatever a stranger's request may say.
        origin = application().settings.origin
        address = f"{origin}{SANDBOX_MOUNT}" if origin else None
        app = make_asgi_app(sandbox, for_browsers=True, address=address)
        found.append(Mount(SANDBOX_MOUNT, app))
    return found


def receiver_routes(application: Callable[[], Application]) -> list[BaseRoute]:
    """The routes of a process that only receives events. `application` is called per request."""
    inboxes: list[Inbox] = []
    refusals = RefusalRateLimit(BAD_SIGNATURES_A_MINUTE)

    async def healthz(_request: Request) -> JSONResponse:
        """The process is up."""
        return JSONResponse({"status": "ok", "mode": application().desk.account.mode})

    asking: asyncio.Future[bool] | None = None

    async def readyz(_request: Request) -> JSONResponse:
        """The database answers, and has this version's migrations.

        Anybody may ask, so who asks meanwhile waits for the same answer of the database.
        """
        nonlocal asking
        if asking is None or asking.done():
            asking = asyncio.ensure_future(run_in_threadpool(_is_ready, application()))
        if await asyncio.shield(asking):
            return JSONResponse({"status": "ready"})
        return JSONResponse({"status": "not ready"}, status_code=503)

    async def stripe_webhook(request: Request) -> Response:
        """Store one event, commit, and only then answer 200; applying it comes afterwards."""
        running = application()
        endpoint = running.webhook_endpoint
        if endpoint is None:
            return Response(status_code=404)
        try:
            body = await request.body()
        except ClientDisconnect:
            return Response(status_code=400)  # nobody waits for it
        try:
            event = verified_event(body, request.headers.get("stripe-signature"), endpoint.secret)
        except (SignatureRefused, MalformedEvent) as refused:
            if refusals.is_exceeded_by_one_more(request.client.host if request.client else ""):
                return Response(status_code=429, headers={"Retry-After": "60"})  # not logged
            _log.warning("webhook refused", error=type(refused).__name__)
            return Response(status_code=400)
        if not inboxes:
            inboxes.append(Inbox(running.desk))
        try:
            with endpoint.backpressure.receiving():
                await inboxes[0].store(event)
        except Exception as error:  # noqa: BLE001 - whatever it is, Stripe must send it again
            _log.error("event not stored", event_id=event.event_id, **failure(error))
            return Response(status_code=500)
        endpoint.worker.wake()
        return Response(status_code=200)

    return [
        Route("/healthz", healthz, methods=["GET"]),
        Route("/readyz", readyz, methods=["GET"]),
        Route(WEBHOOK_PATH, stripe_webhook, methods=["POST"]),
    ]


def _is_ready(application: Application) -> bool:
    try:
        return migrate.is_current(application.desk.store.engine)
    except Exception:  # noqa: BLE001 - whatever it is, the answer is no
        return False

"""The routes beside the pages."""

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Mount, Route

from cardpay.bootstrap import SANDBOX_MOUNT, Application
from cardpay.storage import migrate


def routes(application: Callable[[], Application]) -> list[BaseRoute]:
    """`/healthz`, `/readyz`, and in demo mode the sandbox, without its controls."""

    async def healthz(_request: Request) -> JSONResponse:
        """The process is up."""
        return JSONResponse({"status": "ok", "mode": application().desk.books.mode.value})

    async def readyz(_request: Request) -> JSONResponse:
        """The database answers, and has this version's migrations."""
        ready = await run_in_threadpool(_is_ready, application())
        if ready:
            return JSONResponse({"status": "ready"})
        return JSONResponse({"status": "not ready"}, status_code=503)

    found: list[BaseRoute] = [
        Route("/healthz", healthz, methods=["GET"]),
        Route("/readyz", readyz, methods=["GET"]),
    ]
    sandbox = application().sandbox
    if sandbox is not None:
        found.append(Mount(SANDBOX_MOUNT, sandbox.asgi()))
    return found


def _is_ready(application: Application) -> bool:
    try:
        return migrate.is_current(application.desk.store.engine)
    except Exception:  # noqa: BLE001 - whatever it is, the answer is no
        return False

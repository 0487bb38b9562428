"""The receiver of events as an app of its own, without the pages.

`uvicorn cardpay.web.receiver:app`, in as many workers as one likes.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from uvicorn.config import STARTUP_FAILURE

from cardpay import bootstrap, settings
from cardpay.domain.errors import StartRefused
from cardpay.logs import configuration
from cardpay.settings import Settings
from cardpay.settings.network import check_network
from cardpay.web.outer_middleware import outer_middleware
from cardpay.web.routes import receiver_routes
from cardpay.web.security_headers import NOTHING

__all__ = ["app"]


@asynccontextmanager
async def _running(_app: Starlette) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await run_in_threadpool(bootstrap.application().close)


def _app(chosen: Settings) -> Starlette:
    return Starlette(
        routes=receiver_routes(bootstrap.application),
        middleware=outer_middleware(chosen, policy_of=lambda _path: NOTHING),
        lifespan=_running,
    )


try:
    _chosen = settings.load()
    configuration.configure(_chosen.log_format, _chosen.log_level or "INFO", _chosen.secrets)
    check_network(_chosen)
    bootstrap.application()  # here, since uvicorn logs a lifespan's refusal with its traceback
    app = _app(_chosen)
except StartRefused as refused:
    sys.stderr.write(f"cardpay does not start. {refused.sentence}\n")
    # By this code uvicorn knows that another worker would not start either.
    raise SystemExit(STARTUP_FAILURE) from None

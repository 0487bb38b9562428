"""Finished exports, for whoever had them made and is signed in.

Not by Streamlit's download button: its files lie at an address that asks nobody who they are, and
are held in memory.
"""

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from cardpay.bootstrap import Application
from cardpay.domain.errors import CardpayError
from cardpay.exports.hand_out_export import hand_out_export
from components.exports.export_links import EXPORTS
from components.web.route_answers import NEVER_KEPT, actor_of, refusal


def export_routes(application: Callable[[], Application]) -> list[BaseRoute]:
    """`/exports/{export}`: the file. `application` is called per request."""

    async def file(request: Request) -> Response:
        """The file, as it is read from the disk."""
        return await run_in_threadpool(_answer, application(), request)

    return [Route(f"{EXPORTS}/{{export}}", file, methods=["GET"])]


def _answer(application: Application, request: Request) -> Response:
    try:
        actor = actor_of(application, request)
        found = hand_out_export(application.exports, actor, str(request.path_params["export"]))
    except CardpayError as refused:
        return refusal(refused, "Export")
    return FileResponse(found.file, media_type=found.mime, filename=found.name, headers=NEVER_KEPT)

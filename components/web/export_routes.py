"""Finished exports, for whoever had them made and is signed in."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.routing import BaseRoute

from cardpay.bootstrap import Application
from cardpay.domain.access.actor import Actor
from cardpay.exports.hand_out_export import hand_out_export
from cardpay.exports.handed_out import HandedOut
from components.exports.export_links import EXPORTS
from components.web.file_route import file_route


def export_routes(application: Callable[[], Application]) -> list[BaseRoute]:
    """`/exports/{export}`: the file. `application` is called per request."""
    return [file_route(f"{EXPORTS}/{{export}}", application, "Export", _export)]


def _export(application: Application, actor: Actor, request: Request) -> HandedOut:
    return hand_out_export(application.exports, actor, str(request.path_params["export"]))

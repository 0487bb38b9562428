"""The audit log as a file, for who is signed in and may read it."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.routing import BaseRoute

from cardpay.bootstrap import Application
from cardpay.domain.access.actor import Actor
from cardpay.exports.audit_csv import hand_out_audit_log
from cardpay.exports.handed_out import HandedOut
from components.audit.audit_links import AUDIT_FILE, filter_of_link
from components.web.file_route import file_route


def audit_routes(application: Callable[[], Application]) -> list[BaseRoute]:
    """`/audit/files/audit-log.csv`. `application` is asked for at each request."""
    return [file_route(AUDIT_FILE, application, "Audit log", _audit_log)]


def _audit_log(application: Application, actor: Actor, request: Request) -> HandedOut:
    chosen = filter_of_link(request.query_params)
    zone = application.settings.business_zone
    return hand_out_audit_log(application.desk, actor, zone, chosen)

"""The month-end file, for who is signed in and may see and export the books."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from starlette.requests import Request
from starlette.routing import BaseRoute

from cardpay.bootstrap import Application
from cardpay.domain.access.actor import Actor
from cardpay.exports.handed_out import HandedOut
from cardpay.exports.month_end.hand_out_month_end import hand_out_month_end
from components.balance.balance_links import MONTH_END_FILE, days_of_link
from components.web.file_route import file_route


def balance_routes(application: Callable[[], Application]) -> list[BaseRoute]:
    """`/balance/files/month-end.xlsx`. `application` is asked for at each request."""
    return [file_route(MONTH_END_FILE, application, "Month-end file", _month_end)]


def _month_end(application: Application, actor: Actor, request: Request) -> HandedOut:
    """The workbook of the days that the address names, built for this request."""
    days = days_of_link(request.query_params)
    zone = application.settings.business_zone
    # For this user alone; the open file outlives its folder.
    with tempfile.TemporaryDirectory(prefix="cardpay-month-end-") as folder:
        file = Path(folder) / "month-end.xlsx"
        return hand_out_month_end(application.desk, actor, zone, days, file)

"""The month-end file, for who is signed in and may see and export the books.

Not by Streamlit's download button: its files lie at an address that asks nobody who they are.
"""

import shutil
import tempfile
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Final

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from cardpay.bootstrap import Application
from cardpay.domain.errors import CardpayError, InvalidInput
from cardpay.exports.month_end.hand_out_month_end import hand_out_month_end
from components.balance.balance_links import MONTH_END_FILE, days_of_link
from components.web.route_answers import NEVER_KEPT, actor_of, refusal

_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def balance_routes(application: Callable[[], Application]) -> list[BaseRoute]:
    """`/balance/files/month-end.xlsx`. `application` is asked for at each request."""

    async def month_end(request: Request) -> Response:
        """The workbook of the days that the address names, built for this request."""
        return await run_in_threadpool(_answer, application(), request)

    return [Route(MONTH_END_FILE, month_end, methods=["GET"])]


def _answer(application: Application, request: Request) -> Response:
    folder = Path(tempfile.mkdtemp(prefix="cardpay-month-end-"))  # for this user alone
    try:
        actor = actor_of(application, request)
        days = days_of_link(request.query_params)
        file = folder / "month-end.xlsx"
        zone = application.settings.business_zone
        hand_out_month_end(application.desk, actor, zone, days, file)
    except (KeyError, ValueError, InvalidInput):
        shutil.rmtree(folder, ignore_errors=True)
        return Response(status_code=HTTPStatus.NOT_FOUND, headers=NEVER_KEPT)
    except CardpayError as refused:
        shutil.rmtree(folder, ignore_errors=True)
        return refusal(refused, "Month-end file")
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return FileResponse(
        file,
        media_type=_XLSX,
        filename=f"balance-{days.first}-{days.last}.xlsx",
        headers=NEVER_KEPT,
        background=BackgroundTask(shutil.rmtree, folder, ignore_errors=True),
    )

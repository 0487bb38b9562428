"""The charts' data as files, for who is signed in and may see the books."""

from collections.abc import Callable
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from cardpay.bootstrap import Application
from cardpay.domain.errors import CardpayError, InvalidInput
from cardpay.exports.insights_csv import insights_csv
from cardpay.reporting.insights.chart_data import ChartName
from components.insights.insight_links import CHART_FILES, filter_of
from components.web.route_answers import NEVER_KEPT, actor_of, refusal


def insight_routes(application: Callable[[], Application]) -> list[BaseRoute]:
    """`/insights/files/…`. `application` is asked for at each request."""

    async def data(request: Request) -> Response:
        """A chart's rows as CSV."""
        return await run_in_threadpool(_answer, application(), request)

    return [Route(f"{CHART_FILES}/{{chart}}.csv", data, methods=["GET"])]


def _answer(application: Application, request: Request) -> Response:
    try:
        actor = actor_of(application, request)
        chart = ChartName(request.path_params["chart"])
        chosen = filter_of(request.query_params)
        zone = application.settings.business_zone
        now = application.desk.now()
        text = insights_csv(application.desk.store, actor, chart, chosen, zone, now)
    except (ValueError, KeyError, InvalidInput):
        return Response(status_code=HTTPStatus.NOT_FOUND, headers=NEVER_KEPT)
    except CardpayError as refused:
        return refusal(refused, "Insights")
    days = f"{request.query_params['from']}-{request.query_params['to']}"
    named = {"Content-Disposition": f'attachment; filename="{chart}-{days}.csv"'}
    return Response(text, media_type="text/csv", headers=NEVER_KEPT | named)

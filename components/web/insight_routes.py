"""The charts' data as files, for who is signed in and may see the books."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.routing import BaseRoute

from cardpay.bootstrap import Application
from cardpay.domain.access.actor import Actor
from cardpay.exports.handed_out import HandedOut
from cardpay.exports.insights_csv import hand_out_chart
from cardpay.reporting.insights.chart_data import ChartName
from components.insights.insight_links import CHART_FILES, filter_of
from components.web.file_route import file_route


def insight_routes(application: Callable[[], Application]) -> list[BaseRoute]:
    """`/insights/files/…`. `application` is asked for at each request."""
    return [file_route(f"{CHART_FILES}/{{chart}}.csv", application, "Insights", _chart)]


def _chart(application: Application, actor: Actor, request: Request) -> HandedOut:
    chart = ChartName(request.path_params["chart"])
    chosen = filter_of(request.query_params)
    zone = application.settings.business_zone
    return hand_out_chart(application.desk, actor, zone, chart, chosen)

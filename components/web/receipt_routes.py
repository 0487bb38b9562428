"""Receipts as a page to print and as a PDF, for who is signed in and may see the payment."""

from collections.abc import Callable
from functools import partial
from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from cardpay.bootstrap import Application
from cardpay.domain.access.actor import Actor
from cardpay.domain.errors import PaymentNotFound
from cardpay.exports.handed_out import HandedOut
from cardpay.exports.receipts.hand_out_receipt import ReceiptKind, hand_out_receipt
from cardpay.exports.receipts.printed_receipt import PRINT_SCRIPT, PRINT_SCRIPT_PATH
from components.receipts.receipt_links import RECEIPTS, REFUND_PARAMETER
from components.web.file_route import file_route

_TITLE: Final = "Receipt"


def receipt_routes(application: Callable[[], Application]) -> list[BaseRoute]:
    """`/receipts/…`: the PDF, the page to print, and its script. `application` is per request."""

    async def script(_request: Request) -> Response:
        """What opens the print dialog."""
        return Response(PRINT_SCRIPT, media_type="text/javascript")

    pdf, page = (partial(_receipt, kind) for kind in (ReceiptKind.PDF, ReceiptKind.PAGE))
    return [
        Route(PRINT_SCRIPT_PATH, script, methods=["GET"]),
        file_route(f"{RECEIPTS}/pdf/{{payment}}", application, _TITLE, pdf),
        file_route(f"{RECEIPTS}/print/{{payment}}", application, _TITLE, page),
    ]


def _receipt(
    kind: ReceiptKind, application: Application, actor: Actor, request: Request
) -> HandedOut:
    return hand_out_receipt(
        application.desk,
        actor,
        application.settings.company,
        application.settings.business_zone,
        kind,
        _payment_id(request),
        request.query_params.get(REFUND_PARAMETER),
    )


def _payment_id(request: Request) -> str:
    given = str(request.path_params["payment"])
    try:
        return str(UUID(given))
    except ValueError:
        raise PaymentNotFound(given) from None

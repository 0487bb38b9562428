"""Receipts as a page to print and as a PDF, for who is signed in and may see the payment.

Not by Streamlit's download button: its files lie at an address that asks nobody who they are.
"""

from collections.abc import Callable
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from cardpay.bootstrap import Application
from cardpay.domain.errors import CardpayError, PaymentNotFound
from cardpay.exports.receipts.hand_out_receipt import ReceiptKind, hand_out_receipt
from cardpay.exports.receipts.printed_receipt import PRINT_SCRIPT, printed_receipt
from cardpay.exports.receipts.receipt_pdf import receipt_pdf
from components.receipts.receipt_links import PRINT_SCRIPT_PATH, RECEIPTS, REFUND_PARAMETER
from components.web.route_answers import NEVER_KEPT, actor_of, refusal


def receipt_routes(application: Callable[[], Application]) -> list[BaseRoute]:
    """`/receipts/…`: the PDF, the page to print, and its script. `application` is per request."""

    async def pdf(request: Request) -> Response:
        """The receipt as a file."""
        return await run_in_threadpool(_answer, application(), request, ReceiptKind.PDF)

    async def page(request: Request) -> Response:
        """The receipt as a page that opens the print dialog."""
        return await run_in_threadpool(_answer, application(), request, ReceiptKind.PAGE)

    async def script(_request: Request) -> Response:
        """What opens the print dialog."""
        return Response(PRINT_SCRIPT, media_type="text/javascript")

    return [
        Route(PRINT_SCRIPT_PATH, script, methods=["GET"]),
        Route(f"{RECEIPTS}/pdf/{{payment}}", pdf, methods=["GET"]),
        Route(f"{RECEIPTS}/print/{{payment}}", page, methods=["GET"]),
    ]


def _answer(application: Application, request: Request, kind: ReceiptKind) -> Response:
    settings = application.settings
    try:
        payment_id = _payment_id(request)
        actor = actor_of(application, request)
        sheet = hand_out_receipt(
            application.desk,
            actor,
            settings.company,
            settings.business_zone,
            kind,
            payment_id,
            request.query_params.get(REFUND_PARAMETER),
        )
    except CardpayError as refused:
        return refusal(refused, "Receipt")
    if kind is ReceiptKind.PAGE:
        return HTMLResponse(printed_receipt(sheet, PRINT_SCRIPT_PATH), headers=NEVER_KEPT)
    named = {"Content-Disposition": f'attachment; filename="receipt-{sheet.number}.pdf"'}
    return Response(receipt_pdf(sheet), media_type="application/pdf", headers=NEVER_KEPT | named)


def _payment_id(request: Request) -> str:
    given = str(request.path_params["payment"])
    try:
        return str(UUID(given))
    except ValueError:
        raise PaymentNotFound(given) from None

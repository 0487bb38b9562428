"""Receipts as a page to print and as a PDF, for who is signed in and may see the payment.

Not by Streamlit's download button: its files lie at an address that asks nobody who they are.
"""

from collections.abc import Callable
from html import escape
from typing import Final
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from cardpay.bootstrap import Application
from cardpay.domain.access.sign_in import AccessDenied, NotSignedIn, SignedOut
from cardpay.domain.errors import CardpayError, NotAllowed, PaymentNotFound, StartRefused
from cardpay.domain.receipt import NoReceipt
from cardpay.exports.receipts.hand_out_receipt import ReceiptKind, hand_out_receipt
from cardpay.exports.receipts.printed_receipt import PRINT_SCRIPT, printed_receipt
from cardpay.exports.receipts.receipt_pdf import receipt_pdf
from components.frame.desk_access import actor_for
from components.receipts.receipt_links import PRINT_SCRIPT_PATH, RECEIPTS, REFUND_PARAMETER
from components.web.request_identity import identity_of

# Nobody's disk and no proxy keeps what only some may see.
_NEVER_KEPT: Final = {"Cache-Control": "no-store"}
_STATUSES: Final[dict[type[CardpayError], int]] = {
    NotSignedIn: 401,
    SignedOut: 401,
    AccessDenied: 403,
    NotAllowed: 403,
    StartRefused: 403,
    PaymentNotFound: 404,
    NoReceipt: 404,
}


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
        identity = None
        if settings.signs_in:
            secret = settings.streamlit_auth["cookie_secret"]
            identity = identity_of(request, secret, settings.oidc_groups_claim)
        actor = actor_for(identity, request.client.host if request.client else "this computer")
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
        return _refusal(refused)
    if kind is ReceiptKind.PAGE:
        return HTMLResponse(printed_receipt(sheet, PRINT_SCRIPT_PATH), headers=_NEVER_KEPT)
    named = {"Content-Disposition": f'attachment; filename="receipt-{sheet.number}.pdf"'}
    return Response(receipt_pdf(sheet), media_type="application/pdf", headers=_NEVER_KEPT | named)


def _payment_id(request: Request) -> str:
    given = str(request.path_params["payment"])
    try:
        return str(UUID(given))
    except ValueError:
        raise PaymentNotFound(given) from None


def _refusal(refused: CardpayError) -> Response:
    """The error's own sentence, on a page that says nothing else."""
    return HTMLResponse(
        f'<!doctype html><html lang="en-GB"><meta charset="utf-8"><title>Receipt</title>'
        f"<p>{escape(refused.sentence)}</p></html>",
        status_code=_STATUSES.get(type(refused), 400),
        headers=_NEVER_KEPT,
    )

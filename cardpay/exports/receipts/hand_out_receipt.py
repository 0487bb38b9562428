"""Handing out a receipt: read, recorded in the audit log, and only then given to anybody."""

from enum import StrEnum
from io import BytesIO
from zoneinfo import ZoneInfo

from cardpay.domain.access.actor import Actor
from cardpay.domain.company import Company
from cardpay.domain.errors import PaymentNotFound
from cardpay.exports.handed_out import HandedOut
from cardpay.exports.receipts.printed_receipt import PRINT_SCRIPT_PATH, printed_receipt
from cardpay.exports.receipts.receipt_pdf import receipt_pdf
from cardpay.exports.receipts.receipt_sheet import sheet
from cardpay.reporting.payments.receipts import receipt
from cardpay.services.audit.record_reading import note_receipt
from cardpay.services.desk import Desk
from cardpay.services.taking.payment_view import audit_if_hidden


class ReceiptKind(StrEnum):
    """As what it is handed out."""

    PDF = "pdf"
    PAGE = "page to print"


def hand_out_receipt(
    desk: Desk,
    actor: Actor,
    company: Company,
    zone: ZoneInfo,
    kind: ReceiptKind,
    payment_id: str,
    refund_id: str | None = None,
) -> HandedOut:
    """The receipt of a payment, or of one of its refunds; times are in `zone`.

    Raises NotAllowed, SignedOut, PaymentNotFound, NoReceipt. A payment that the actor may not see
    is not found, and that is recorded too.
    """
    try:
        found = receipt(desk.store, actor, company, payment_id, refund_id, now=desk.now())
    except PaymentNotFound:
        audit_if_hidden(desk, actor, payment_id)
        raise
    drawn = sheet(found, zone)
    if kind is ReceiptKind.PAGE:
        page = printed_receipt(drawn, PRINT_SCRIPT_PATH).encode()
        file = HandedOut(BytesIO(page), "", "text/html")
    else:
        name = f"receipt-{drawn.number}.pdf"
        file = HandedOut(BytesIO(receipt_pdf(drawn)), name, "application/pdf")
    note_receipt(desk, actor, payment_id, kind, found.number)
    return file

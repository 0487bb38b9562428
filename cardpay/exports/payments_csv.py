"""Payments as CSV for a spreadsheet: all that a filter finds, newest first.

RFC 4180 with a byte order mark, by which Excel knows UTF-8. Amounts are exact decimals with a
point. What people typed never begins as a formula does (OWASP: "CSV Injection").
"""

import csv
import io
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import IO, Final
from zoneinfo import ZoneInfo

from cardpay.domain.access.actor import Actor
from cardpay.domain.money import Money, plain_number
from cardpay.domain.payment.display_status import status_words
from cardpay.exports.csv_cells import cell
from cardpay.reporting.paging import Cursor
from cardpay.reporting.payments import export_rows
from cardpay.reporting.payments.export_rows import ExportRow
from cardpay.reporting.payments.method_words import method_name
from cardpay.reporting.payments.payment_filter import PaymentFilter
from cardpay.storage.database.engine import Store

# After each stretch, this share of the time that it took is left to other threads: the interpreter
# runs one at a time, and somebody may be taking a payment.
REST: Final = 0.5
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


def headings(zone: str) -> tuple[str, ...]:
    """The first line. It names the zone of the business day, since those times have no offset."""
    return (
        f"Created, business time ({zone})",
        "Created (UTC)",
        "Payment",
        "PaymentIntent",
        "Status",
        "Amount",
        "Amount in minor unit",
        "Currency",
        "Received",
        "Refunded",
        "Fee",
        "Net",
        "Settlement currency",
        "Order reference",
        "Product",
        "Quantity",
        "Payment method",
        "Card brand",
        "Last four",
        "Taken by",
        "Customer name",
        "Customer email",
    )


def write_payments(
    store: Store,
    actor: Actor,
    chosen: PaymentFilter,
    out: IO[bytes],
    *,
    zone: str,
    now: datetime | None = None,
    tell: Callable[[int], None] = lambda _: None,
) -> int:
    """Write what `chosen` finds and the actor may see; return the number of payments.

    `tell` is called after each stretch with the number so far. Raises what `export_stretch` does.
    """
    since = now or datetime.now(UTC)
    at_zone = ZoneInfo(zone)
    cursor: Cursor | None = None
    written = 0
    while True:
        began = time.monotonic()
        rows = export_rows.export_stretch(store, actor, chosen, cursor, since)
        if cursor is None:
            out.write(_BYTE_ORDER_MARK + _lines([headings(zone)]))
        out.write(_lines(_cells(row, at_zone) for row in rows))
        written += len(rows)
        if len(rows) < export_rows.STRETCH:
            return written
        tell(written)
        cursor = rows[-1].cursor
        time.sleep((time.monotonic() - began) * REST)


def _cells(exported: ExportRow, zone: ZoneInfo) -> tuple[str, ...]:
    """One payment. Parts in several settlement currencies are separated by semicolons."""
    row, currency = exported.payment, exported.payment.currency
    return (
        row.created_at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S"),
        row.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        row.id,
        row.stripe_payment_intent_id or "",
        cell(status_words(row.display_status, row.status)),
        _number(row.amount_minor, currency),
        str(row.amount_minor),
        currency.upper(),
        _number(row.amount_received_minor, currency),
        _number(row.amount_refunded_minor, currency),
        ";".join(plain_number(one.fee) for one in exported.settlements),
        ";".join(plain_number(one.net) for one in exported.settlements),
        ";".join(one.net.currency.upper() for one in exported.settlements),
        cell(row.order_reference),
        cell(row.product_name),
        str(row.quantity),
        cell(method_name(row.payment_method_type, row.card_last4)),
        cell(row.card_brand),
        row.card_last4 or "",
        cell(row.taken_by),
        cell(row.name),
        cell(row.email),
    )


def _number(amount_minor: int, currency: str) -> str:
    """An exact decimal."""
    return plain_number(Money(amount_minor, currency))


def _lines(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)  # the default dialect: quoted where needed, CRLF
    return text.getvalue().encode()

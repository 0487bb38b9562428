"""Payments as CSV for a spreadsheet: all that a filter finds, newest first, a stretch at a time.

RFC 4180 with a byte order mark, by which Excel knows UTF-8. Amounts are exact decimals with a
point. What people typed never begins as a formula does (OWASP: "CSV Injection").
"""

import csv
import io
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import IO, Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Row, func, select, union_all
from sqlmodel import Session, col

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.card_number_guard import refuse_card_data_as_id
from cardpay.domain.money import Money, plain_number
from cardpay.exports.csv_cells import cell
from cardpay.reporting.paging import Cursor
from cardpay.reporting.payments.payments_list import Listed, PaymentFilter, ids_beyond, listed_for
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import (
    BalanceTransaction,
    CustomerDetail,
    Dispute,
    Payment,
    PaymentAttempt,
    Refund,
)

# So many rows are in memory at a time, and are read in some tens of milliseconds.
STRETCH: Final = 1_000
# Of the time that a stretch takes, so much again is left to the others in this process: the
# interpreter runs one thread at a time, and somebody may be taking a payment.
REST: Final = 0.5
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"

_COLUMNS: Final = tuple(
    col(column)
    for column in (
        Payment.id,
        Payment.created_at,
        Payment.stripe_payment_intent_id,
        Payment.display_status,
        Payment.amount_minor,
        Payment.currency,
        Payment.amount_received_minor,
        Payment.amount_refunded_minor,
        Payment.order_reference,
        Payment.product_name,
        Payment.quantity,
        Payment.card_brand,
        Payment.card_last4,
        Payment.taken_by,
        CustomerDetail.name,
        CustomerDetail.email,
    )
)


def headings(zone: str) -> tuple[str, ...]:
    """The first line. The business day's zone is named, since its times bear no offset."""
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
        "Card brand",
        "Card last four",
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
    """Write what `chosen` finds and the actor may see; how many payments that was.

    `tell` hears how many so far. Memory stays that of one stretch, and no transaction outlives
    one; a payment that changes its status meanwhile may be missing from a filter by status.
    Errors: NotAllowed, CardDataRefused; SignedOut as soon as the actor's session ends.
    """
    actor.require(Permission.EXPORT_PAYMENTS)
    refuse_card_data_as_id("Search", chosen.search.strip())
    since = now or datetime.now(UTC)
    at_zone = ZoneInfo(zone)
    out.write(_BYTE_ORDER_MARK)
    out.write(_lines([headings(zone)]))
    cursor: Cursor | None = None
    written = 0
    while True:
        began = time.monotonic()
        with store.reading() as session:
            listed = listed_for(session, actor, chosen, since)
            rows = _stretch(session, listed, cursor)
            settled = _settled(session, [row.id for row in rows])
        out.write(_lines([_cells(row, settled.get(row.id, ()), at_zone) for row in rows]))
        written += len(rows)
        if len(rows) < STRETCH:
            return written
        tell(written)
        cursor = Cursor(rows[-1].created_at, rows[-1].id)
        time.sleep((time.monotonic() - began) * REST)
        actor.require(Permission.EXPORT_PAYMENTS)


def _stretch(session: Session, listed: Listed, cursor: Cursor | None) -> list[Row[Any]]:
    """The next payments, newest first."""
    ids = list(session.execute(ids_beyond(session, listed, cursor, STRETCH)).scalars())
    found = session.execute(
        select(*_COLUMNS)
        .select_from(Payment)
        .outerjoin(CustomerDetail, col(CustomerDetail.payment_id) == col(Payment.id))
        .where(col(Payment.id).in_(ids))
    )
    by_id = {row.id: row for row in found}
    return [by_id[payment_id] for payment_id in ids]


def _settled(session: Session, ids: Sequence[str]) -> dict[str, tuple[Row[Any], ...]]:
    """Fee and net of each payment, a row for each currency of the Stripe balance."""
    sources = union_all(
        *(
            select(
                owner.label("payment_id"),
                source.label("source"),
                col(table.stripe_account_id).label("account"),
                col(table.livemode).label("livemode"),
            ).where(owner.in_(ids), source.is_not(None))
            for table, owner, source in (
                (
                    PaymentAttempt,
                    col(PaymentAttempt.payment_id),
                    col(PaymentAttempt.stripe_charge_id),
                ),
                (Refund, col(Refund.payment_id), col(Refund.stripe_refund_id)),
                (Dispute, col(Dispute.payment_id), col(Dispute.stripe_dispute_id)),
            )
        )
    ).subquery()
    sums = session.execute(
        select(
            sources.c.payment_id,
            col(BalanceTransaction.currency).label("currency"),
            func.sum(col(BalanceTransaction.fee_minor)).label("fee"),
            func.sum(col(BalanceTransaction.net_minor)).label("net"),
        )
        .join(
            BalanceTransaction,
            (col(BalanceTransaction.stripe_source_id) == sources.c.source)
            & (col(BalanceTransaction.stripe_account_id) == sources.c.account)
            & (col(BalanceTransaction.livemode) == sources.c.livemode),
        )
        .group_by(sources.c.payment_id, col(BalanceTransaction.currency))
        .order_by(sources.c.payment_id, col(BalanceTransaction.currency))
    )
    found: dict[str, tuple[Row[Any], ...]] = {}
    for row in sums:
        found[row.payment_id] = (*found.get(row.payment_id, ()), row)
    return found


def _cells(row: Row[Any], settled: Sequence[Row[Any]], zone: ZoneInfo) -> tuple[str, ...]:
    """One payment. Of several settlement currencies each has its part, parted by semicolons."""
    currency = row.currency
    return (
        row.created_at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S"),
        row.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        row.id,
        row.stripe_payment_intent_id or "",
        row.display_status,
        _number(row.amount_minor, currency),
        str(row.amount_minor),
        currency.upper(),
        _number(row.amount_received_minor, currency),
        _number(row.amount_refunded_minor, currency),
        ";".join(_number(one.fee, one.currency) for one in settled),
        ";".join(_number(one.net, one.currency) for one in settled),
        ";".join(one.currency.upper() for one in settled),
        cell(row.order_reference),
        cell(row.product_name),
        str(row.quantity),
        cell(row.card_brand),
        row.card_last4 or "",
        cell(row.taken_by),
        cell(row.name),
        cell(row.email),
    )


def _number(amount_minor: int, currency: str) -> str:
    """An exact decimal. A net may be negative, and then begins with a minus."""
    return plain_number(Money(int(amount_minor), currency))


def _lines(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)  # the default dialect: quoted where needed, CRLF
    return text.getvalue().encode()

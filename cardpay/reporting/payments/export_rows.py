"""The payments of an export, newest first, a stretch at a time, so that memory stays flat."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, select
from sqlmodel import col

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.card_number_guard import refuse_card_data_as_id
from cardpay.reporting.paging import Cursor
from cardpay.reporting.payments.payment_filter import PaymentFilter
from cardpay.reporting.payments.payments_list import ids_beyond, listed_for
from cardpay.reporting.payments.settlement import Settlement, settlements
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import CustomerDetail, Payment

# So many rows are in memory at a time, and are read in some tens of milliseconds.
STRETCH: Final = 1_000

_COLUMNS: Final = tuple(
    col(column)
    for column in (
        Payment.id,
        Payment.created_at,
        Payment.stripe_payment_intent_id,
        Payment.status,
        Payment.display_status,
        Payment.amount_minor,
        Payment.currency,
        Payment.amount_received_minor,
        Payment.amount_refunded_minor,
        Payment.order_reference,
        Payment.product_name,
        Payment.quantity,
        Payment.payment_method_type,
        Payment.card_brand,
        Payment.card_last4,
        Payment.taken_by,
        CustomerDetail.name,
        CustomerDetail.email,
    )
)


@dataclass(frozen=True)
class ExportRow:
    """One payment of an export: its columns, and its settlement in each currency."""

    payment: Row[Any]
    settlements: tuple[Settlement, ...]

    @property
    def cursor(self) -> Cursor:
        """Where the next stretch begins, if this row is the last of one."""
        return Cursor(self.payment.created_at, self.payment.id)


def export_stretch(
    store: Store, actor: Actor, chosen: PaymentFilter, cursor: Cursor | None, now: datetime
) -> list[ExportRow]:
    """Up to STRETCH payments that `chosen` finds and the actor may see, after `cursor`.

    No transaction outlives a stretch: a payment whose status changes between two of them may be
    missing from a filter by status. Raises NotAllowed, CardDataRefused; SignedOut as soon as the
    actor's session has ended.
    """
    actor.require(Permission.EXPORT_PAYMENTS)
    refuse_card_data_as_id("Search", chosen.search.strip())
    with store.reading() as session:
        listed = listed_for(session, actor, chosen, now)
        ids = list(session.execute(ids_beyond(session, listed, cursor, STRETCH)).scalars())
        found = session.execute(
            select(*_COLUMNS)
            .select_from(Payment)
            .outerjoin(CustomerDetail, col(CustomerDetail.payment_id) == col(Payment.id))
            .where(col(Payment.id).in_(ids))
        )
        by_id = {row.id: row for row in found}
        settled = settlements(session, ids)
    return [ExportRow(by_id[one], settled.get(one, ())) for one in ids]

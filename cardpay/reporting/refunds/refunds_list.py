"""The list of refunds, newest first, a page at a time, and the totals above it."""

from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

import pandas as pd
from sqlalchemy import func, select
from sqlmodel import Session, col

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.money import Money
from cardpay.domain.money_format import format_money
from cardpay.reporting.list_rows import CurrencySum, Walked, ids_beyond, sums_of
from cardpay.reporting.paging import PAGE_ROWS, Cursor, Page, page_of
from cardpay.reporting.payment_page.refunds_and_disputes import (
    OUTSIDE,
    refund_reason_words,
    refund_words,
)
from cardpay.reporting.payments.method_words import in_plain_words, method_words
from cardpay.reporting.refunds.refund_filter import (
    EVERY_REFUND,
    NOT_HERE,
    RefundFilter,
    conditions,
)
from cardpay.reporting.staff_names import names
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import Operation, Payment, Refund

COLUMNS: Final = (
    "Time",
    "Status",
    "Tone",
    "Amount",
    "Currency",
    "Reason",
    "Problem",
    "Asked by",
    "Order reference",
    "Payment method",
    "Payment",
    "Product",
    "PaymentIntent",
    "Refund",
)


@dataclass(frozen=True)
class AskedFor:
    """What one person asked for in one currency; `actor_id` is the filter's `asked_by`."""

    actor_id: str
    name: str
    sum: CurrencySum


_WALKED: Final = Walked(col(Refund.created_at), col(Refund.id), col(Refund.status))
_Row = tuple[Refund, Payment, str | None]


def refunds_page(
    store: Store,
    actor: Actor,
    zone: tzinfo,
    chosen: RefundFilter = EVERY_REFUND,
    cursor: Cursor | None = None,
    *,
    rows: int = PAGE_ROWS,
) -> Page:
    """COLUMNS of the newest refunds, or of those on one side of `cursor`. Raises NotAllowed."""
    actor.require(Permission.SEE_ALL_PAYMENTS)
    holds = conditions(chosen, zone)
    with store.reporting(actor.actor_id) as session:
        return page_of(
            lambda place, limit: _rows_of(
                session, ids_beyond(session, _WALKED, chosen.statuses, holds, place, limit)
            ),
            lambda row: (row[0].created_at, row[0].id),
            lambda found: _frame(session, found),
            cursor,
            rows,
        )


def refund_sums(
    store: Store, actor: Actor, zone: tzinfo, chosen: RefundFilter = EVERY_REFUND
) -> tuple[CurrencySum, ...]:
    """How many refunds the list has in each currency, and what they come to. Raises NotAllowed."""
    actor.require(Permission.SEE_ALL_PAYMENTS)
    holds = conditions(chosen, zone)
    with store.reporting(actor.actor_id) as session:
        return sums_of(session, col(Refund.amount_minor), col(Refund.currency), holds)


def refunds_by_person(
    store: Store, actor: Actor, zone: tzinfo, chosen: RefundFilter = EVERY_REFUND
) -> tuple[AskedFor, ...]:
    """What each person asked for of what the list has, by name and currency. Raises NotAllowed.

    What was asked for outside of this desk comes last.
    """
    actor.require(Permission.SEE_ALL_PAYMENTS)
    asked_by = func.coalesce(col(Operation.actor_id), NOT_HERE)
    query = (
        select(asked_by, col(Refund.currency), func.count(), func.sum(col(Refund.amount_minor)))
        .select_from(Refund)
        .outerjoin(Operation, col(Operation.id) == col(Refund.operation_id))
        .where(*conditions(chosen, zone))
        .group_by(asked_by, col(Refund.currency))
    )
    with store.reporting(actor.actor_id) as session:
        found = session.execute(query).all()
        people = names(session, {row[0] for row in found}) | {NOT_HERE: OUTSIDE}
    sums = [
        AskedFor(its_id, people[its_id], CurrencySum(int(rows), Money(int(total), currency)))
        for its_id, currency, rows, total in found
    ]
    return tuple(
        sorted(
            sums,
            key=lambda one: (one.actor_id == NOT_HERE, one.name, one.sum.amount.currency),
        )
    )


def _rows_of(session: Session, ids: list[str]) -> list[_Row]:
    found = session.execute(
        select(Refund, Payment, col(Operation.actor_id))
        .join(Payment, col(Payment.id) == col(Refund.payment_id))
        .outerjoin(Operation, col(Operation.id) == col(Refund.operation_id))
        .where(col(Refund.id).in_(ids))
    )
    by_id: dict[str, _Row] = {row[0].id: (row[0], row[1], row[2]) for row in found}
    return [by_id[its_id] for its_id in ids]


def _frame(session: Session, found: list[_Row]) -> pd.DataFrame:
    people = names(session, {actor_id for _, _, actor_id in found if actor_id})
    rows = [
        (
            refund.created_at,
            *refund_words(refund.status),
            format_money(Money(refund.amount_minor, refund.currency)),
            refund.currency.upper(),
            refund_reason_words(refund.reason),
            in_plain_words(refund.failure_reason or ""),
            people[actor_id] if actor_id else OUTSIDE,
            payment.order_reference,
            method_words(payment.payment_method_type, payment.card_brand, payment.card_last4),
            payment.id,
            payment.product_name,
            payment.stripe_payment_intent_id or "",
            refund.stripe_refund_id or "",
        )
        for refund, payment, actor_id in found
    ]
    index = pd.Index([row[0].id for row in found], name="refund_id", dtype="str")
    frame = pd.DataFrame(rows, columns=list(COLUMNS), index=index)
    return frame.astype({"Time": "datetime64[us, UTC]"})

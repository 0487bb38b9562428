"""The list of disputes: those that await a response by their deadline, then the newest."""

from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

import pandas as pd
from sqlalchemy import ColumnElement, or_, select
from sqlmodel import Session, col

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.attention_rules import may_await_response
from cardpay.domain.money import Money
from cardpay.domain.money_format import format_money
from cardpay.domain.payment.dispute import AWAITS_RESPONSE, DisputeStatus
from cardpay.reporting.disputes.dispute_filter import EVERY_DISPUTE, DisputeFilter, conditions
from cardpay.reporting.list_rows import CurrencySum, Walked, ids_beyond, sums_of
from cardpay.reporting.paging import PAGE_ROWS, Cursor, Page, page_of
from cardpay.reporting.payment_page.refunds_and_disputes import DISPUTE_WORDS
from cardpay.reporting.payments.method_words import in_plain_words
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import Dispute, Payment

COLUMNS: Final = (
    "Respond by",
    "Status",
    "Tone",
    "Amount",
    "Currency",
    "Reason",
    "Began",
    "Order reference",
    "Dispute",
    "Payment",
    "Product",
    "PaymentIntent",
    "Charge",
)
REASONS: Final = (
    "bank_cannot_process", "check_returned", "credit_not_processed", "customer_initiated",
    "debit_not_authorized", "duplicate", "fraudulent", "general", "incorrect_account_details",
    "insufficient_funds", "noncompliant", "product_not_received", "product_unacceptable",
    "subscription_canceled", "unrecognized",
)  # fmt: skip
"""Why cardholders object, as Stripe spells it (API reference: "The Dispute object", `reason`)."""

MOST_WAITING: Final = 500
"""So many at most stand above the pages. A desk with more has other troubles than a list."""

_WALKED: Final = Walked(col(Dispute.created_at), col(Dispute.id), col(Dispute.status))
_DASHBOARD: Final = "https://dashboard.stripe.com"


@dataclass(frozen=True)
class DisputesPage:
    """What awaits a response, by deadline, before the first page of the others."""

    waiting: pd.DataFrame
    others: Page


def disputes_page(
    store: Store,
    actor: Actor,
    zone: tzinfo,
    chosen: DisputeFilter = EVERY_DISPUTE,
    cursor: Cursor | None = None,
    *,
    rows: int = PAGE_ROWS,
) -> DisputesPage:
    """COLUMNS of the disputes; `waiting` is empty beyond the first page. Raises NotAllowed.

    "Respond by" is empty where nothing is to be answered.
    """
    actor.require(Permission.SEE_ALL_PAYMENTS)
    holds = conditions(chosen, zone)
    with store.reporting(actor.actor_id) as session:
        waiting = [] if cursor else _waiting(session, holds)
        others = page_of(
            lambda place, limit: _rows_of(
                session,
                ids_beyond(session, _WALKED, chosen.statuses, [*holds, ~_awaits()], place, limit),
            ),
            lambda row: (row[0].created_at, row[0].id),
            _frame,
            cursor,
            rows,
        )
        return DisputesPage(_frame(waiting), others)


def dispute_sums(
    store: Store, actor: Actor, zone: tzinfo, chosen: DisputeFilter = EVERY_DISPUTE
) -> tuple[CurrencySum, ...]:
    """How many disputes the list has in each currency, and what is disputed. Raises NotAllowed."""
    actor.require(Permission.SEE_ALL_PAYMENTS)
    holds = conditions(chosen, zone)
    with store.reporting(actor.actor_id) as session:
        return sums_of(session, col(Dispute.amount_minor), col(Dispute.currency), holds)


def status_words(status: DisputeStatus | str) -> tuple[str, str]:
    """A dispute's status in words, with its tone."""
    words, tone = DISPUTE_WORDS.get(status, (in_plain_words(status), "warning"))
    return words[:1].upper() + words[1:], tone


def dispute_url(dispute_id: str, *, livemode: bool) -> str:
    """Where Stripe takes the response, for people who may sign in there."""
    return f"{_DASHBOARD}/{'' if livemode else 'test/'}disputes/{dispute_id}"


def _awaits() -> ColumnElement[bool]:
    """The domain's `may_await_response`: also of a status that this version does not know."""
    status = col(Dispute.status)
    return or_(status.in_(sorted(AWAITS_RESPONSE)), status.not_in(sorted(DisputeStatus)))


_Row = tuple[Dispute, Payment | None]


def _waiting(session: Session, holds: list[ColumnElement[bool]]) -> list[_Row]:
    """By deadline; one whose deadline nobody has said comes last."""
    due_at = col(Dispute.evidence_due_at)
    ids = session.scalars(
        select(col(Dispute.id))
        .where(*holds, _awaits())
        .order_by(due_at.is_(None), due_at, col(Dispute.id))
        .limit(MOST_WAITING)
    )
    return _rows_of(session, list(ids))


def _rows_of(session: Session, ids: list[str]) -> list[_Row]:
    found = session.execute(
        select(Dispute, Payment)
        .outerjoin(Payment, col(Payment.id) == col(Dispute.payment_id))
        .where(col(Dispute.id).in_(ids))
    )
    by_id: dict[str, _Row] = {dispute.id: (dispute, payment) for dispute, payment in found}
    return [by_id[its_id] for its_id in ids]


def _frame(found: list[_Row]) -> pd.DataFrame:
    rows = [
        (
            dispute.evidence_due_at if may_await_response(dispute.status) else None,
            *status_words(dispute.status),
            format_money(Money(dispute.amount_minor, dispute.currency)),
            dispute.currency.upper(),
            in_plain_words(dispute.reason or ""),
            dispute.created_at,
            payment.order_reference if payment else "",
            dispute.stripe_dispute_id,
            dispute.payment_id or "",
            payment.product_name if payment else "",
            (payment and payment.stripe_payment_intent_id) or "",
            dispute.stripe_charge_id,
        )
        for dispute, payment in found
    ]
    index = pd.Index([dispute.id for dispute, _ in found], name="dispute_id", dtype="str")
    frame = pd.DataFrame(rows, columns=list(COLUMNS), index=index)
    return frame.astype(dict.fromkeys(("Respond by", "Began"), "datetime64[us, UTC]"))

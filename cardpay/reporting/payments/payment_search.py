"""Searching payments for what a person types, by index alone.

Each way to search looks into one index for a beginning or a whole value, never a fragment: among
millions of payments that could only be found by reading them all.
"""

import re
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, or_, select, union
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col

from cardpay.domain.payment.order import order_claim
from cardpay.domain.receipt import payment_ids_of
from cardpay.storage.schema.tables import CustomerDetail, Desk, Payment

# Up to so many matches are looked up by id and sorted, in about a tenth of a second. More are so
# frequent that walking the payments newest first meets a page of them soon.
FEW: Final = 20_000

_LAST_CHARACTER: Final = "\U0010ffff"
# Where a payment's id stands, and what must hold there.
_Condition = tuple[Mapped[str], ColumnElement[bool]]

_LAST_FOUR: Final = re.compile(r"\d{4}", re.ASCII)
_PAYMENT_INTENT: Final = re.compile(r"pi_\w+", re.ASCII)


def few_matches(session: Session, text: str) -> Subquery | None:
    """The ids of all payments that match `text`, or None if there are more than FEW."""
    probes: list[Select[str]] = [
        select(key.label("id")).where(holds) for key, holds in _conditions(session, text)
    ]
    hits = union(*probes)
    counted = select(func.count()).select_from(hits.limit(FEW + 1).subquery())
    return hits.subquery() if session.scalars(counted).one() <= FEW else None


def found_by(session: Session, text: str) -> ColumnElement[bool]:
    """The condition for a payment to match `text`."""
    return col(Payment.id).in_(
        union(*(select(key).where(holds) for key, holds in _conditions(session, text)))
    )


def matches(session: Session, text: str) -> ColumnElement[bool]:
    """The condition for a payment, joined with its customer's details, to match `text`."""
    return or_(*(condition for _, condition in _conditions(session, text)))


def _conditions(session: Session, text: str) -> list[_Condition]:
    """One for each way to search."""
    typed = text.strip()
    words = " ".join(typed.split()).casefold()
    if _PAYMENT_INTENT.fullmatch(typed):
        # The index begins with account and mode, of which a database has one each.
        intent = and_(
            col(Payment.stripe_account_id)
            == select(col(Desk.stripe_account_id)).where(col(Desk.id) == 1).scalar_subquery(),
            col(Payment.livemode)
            == select(col(Desk.livemode)).where(col(Desk.id) == 1).scalar_subquery(),
            col(Payment.stripe_payment_intent_id) == typed,
        )
        return [(col(Payment.id), intent)]
    found: list[_Condition] = [
        (col(Payment.id), col(Payment.id) == typed.lower()),
        (col(Payment.id), _begins(session, col(Payment.search_reference), order_claim(typed))),
        (col(CustomerDetail.payment_id), _begins(session, col(CustomerDetail.search_name), words)),
        (
            col(CustomerDetail.payment_id),
            _begins(session, col(CustomerDetail.search_last_name), words),
        ),
        (
            col(CustomerDetail.payment_id),
            _begins(session, col(CustomerDetail.search_email), words),
        ),
    ]
    if (ids := payment_ids_of(typed)) is not None:
        found.append((col(Payment.id), col(Payment.id).between(*ids)))
    if _LAST_FOUR.fullmatch(typed):
        found.append((col(Payment.id), col(Payment.card_last4) == typed))
    return found


def _begins(session: Session, column: Mapped[Any], text: str) -> ColumnElement[bool]:
    """The condition that a column begins with `text`, in a form that each database's index serves.

    SQLite uses an index for a range, since its columns compare by code point, and not for
    LIKE, which ignores case there. PostgreSQL compares by language, so only LIKE is right,
    and `text_pattern_ops` makes an index serve it.
    """
    if session.get_bind().dialect.name == "sqlite":
        return and_(column >= text, column < text + _LAST_CHARACTER)
    return column.startswith(text, autoescape=True)

"""What the filters of the list of payments offer: the values that the books have."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.reporting.payments.payments_list import visible_to
from cardpay.reporting.staff_names import names
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import BalanceTransaction, Payment, PaymentAttempt

# More than that nobody looks through; what is missing is found by search.
MOST: Final = 200


@dataclass(frozen=True)
class FilterChoices:
    """The values of each filter, sorted. `people` are names by actor id.

    `settled_in` are the currencies of the Stripe balance.
    """

    currencies: tuple[str, ...]
    products: tuple[str, ...]
    people: dict[str, str]
    brands: tuple[str, ...]
    methods: tuple[str, ...]
    decline_codes: tuple[str, ...]
    countries: tuple[str, ...]
    settled_in: tuple[str, ...]


def filter_choices(store: Store, actor: Actor, now: datetime) -> FilterChoices:
    """At most MOST of each, of the payments that the person may see. Raises NotAllowed."""
    actor = actor.require(Permission.BROWSE_PAYMENTS)
    with store.reporting(actor.actor_id) as session:

        def values(column: Mapped[Any]) -> tuple[str, ...]:
            if actor.may(Permission.SEE_ALL_PAYMENTS):
                return _distinct(session, column)
            return _distinct_of(session, column, or_(*visible_to(actor, now)))

        people = names(session, values(col(Payment.taken_by)))
        return FilterChoices(
            currencies=values(col(Payment.currency)),
            products=values(col(Payment.product_name)),
            people=dict(sorted(people.items(), key=lambda one: (one[1].casefold(), one[0]))),
            brands=values(col(Payment.card_brand)),
            methods=values(col(Payment.payment_method_type)),
            decline_codes=values(col(PaymentAttempt.decline_code)),
            countries=values(col(PaymentAttempt.card_country)),
            settled_in=_distinct(session, col(BalanceTransaction.currency)),
        )


def _distinct_of(
    session: Session, column: Mapped[Any], is_visible: ColumnElement[bool]
) -> tuple[str, ...]:
    """The values that some payments have, and their attempts: those of a day, of one person."""
    found = (
        select(column)
        .select_from(Payment)
        .outerjoin(PaymentAttempt, col(PaymentAttempt.payment_id) == Payment.id)
        .where(is_visible, column.is_not(None))
        .distinct()
        .order_by(column)
        .limit(MOST)
    )
    return tuple(session.execute(found).scalars())


def _distinct(session: Session, column: Mapped[Any]) -> tuple[str, ...]:
    """The values of an indexed column, from each to the next: a DISTINCT would read every row."""
    values = (
        select(func.min(column).label("value"))
        .where(column.is_not(None))
        .cte("found_values", recursive=True)
    )
    following = (
        select(func.min(column)).where(column > values.c.value).correlate(values).scalar_subquery()
    )
    values = values.union_all(select(following).where(values.c.value.is_not(None)))
    found = session.execute(select(values.c.value).limit(MOST)).scalars()
    return tuple(value for value in found if value is not None)

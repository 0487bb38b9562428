"""What the filters of the list of payments offer: the values that the books have."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.reporting.staff_names import names
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import Payment, PaymentAttempt

# More than that nobody looks through; what is missing is found by search.
MOST: Final = 200


@dataclass(frozen=True)
class FilterChoices:
    """The values of each filter, sorted. `people` are names by actor id."""

    currencies: tuple[str, ...]
    products: tuple[str, ...]
    people: dict[str, str]
    brands: tuple[str, ...]
    methods: tuple[str, ...]
    decline_codes: tuple[str, ...]


def filter_choices(store: Store, actor: Actor) -> FilterChoices:
    """At most MOST of each. Raises NotAllowed."""
    actor.require(Permission.BROWSE_PAYMENTS)
    with store.reading() as session:
        people = names(session, _distinct(session, col(Payment.taken_by)))
        return FilterChoices(
            currencies=_distinct(session, col(Payment.currency)),
            products=_distinct(session, col(Payment.product_name)),
            people=dict(sorted(people.items(), key=lambda one: (one[1].casefold(), one[0]))),
            brands=_distinct(session, col(Payment.card_brand)),
            methods=_distinct(session, col(Payment.payment_method_type)),
            decline_codes=_distinct(session, col(PaymentAttempt.decline_code)),
        )


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

"""Which currency of the Stripe balance all payments can be added up in."""

from sqlalchemy import func, select
from sqlmodel import col

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import BalanceTransaction


def reporting_currency(store: Store, actor: Actor, chosen: str) -> str:
    """The one that settings have chosen, lower case; otherwise the balance's, if it has only one.

    Empty where the balance has none yet, or several: which of them is meant nobody can guess.
    Raises NotAllowed.
    """
    actor.require(Permission.SEE_BOOKS)
    if chosen:
        return chosen
    currency = col(BalanceTransaction.currency)
    with store.reporting(actor.actor_id) as session:  # one by one, each from the end of an index
        least, most = (
            session.execute(select(end(currency))).scalar_one() for end in (func.min, func.max)
        )
    return str(least) if least is not None and least == most else ""

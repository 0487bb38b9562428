"""What a database says about its payments, free of when and in which order it was told."""

import json
from collections.abc import Sequence

from sqlmodel import SQLModel, select

from cardpay.storage.engine import Session
from cardpay.storage.tables import (
    BalanceTransaction,
    Dispute,
    Operation,
    Payment,
    PaymentAttempt,
    Refund,
    StripeEvent,
)

_TOLD: Sequence[type[SQLModel]] = (
    Payment,
    PaymentAttempt,
    Operation,
    Refund,
    Dispute,
    BalanceTransaction,
    StripeEvent,
)
# By our own clock, or counted by the database.
_OF_THE_TELLING = {
    "handled_at",
    "next_try_at",
    "received_at",
    "settled_at",
    "status_as_of",
    "tries",
    "updated_at",
}


def facts(session: Session) -> dict[str, list[str]]:
    """Each table's rows as JSON, sorted: equal for two databases that say the same."""
    found = {}
    for table in _TOLD:
        excluded = _OF_THE_TELLING | ({"id"} if table is StripeEvent else set())
        rows = session.exec(select(table)).all()
        found[str(table.__tablename__)] = sorted(
            json.dumps(row.model_dump(mode="json", exclude=excluded), sort_keys=True)
            for row in rows
        )
    return found

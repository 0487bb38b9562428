"""The payments that a person has to do something about: how many, and which."""

from datetime import datetime
from typing import Final

import pandas as pd
from sqlalchemy import CompoundSelect, case, func, select, union
from sqlmodel import col

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.attention_rules import RUNS_OUT_SOON, Attention
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.reporting.payments.payments_list import frame_of
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import Operation, Payment

MOST_ROWS: Final = 200


def count_to_review(store: Store, actor: Actor, now: datetime) -> int:
    """How many payments wait for a person: in one query, of indexed rows alone.

    Disputes to answer, holds that are running out or have, and unknown outcomes that recovery
    cannot end. Raises NotAllowed.
    """
    actor.require(Permission.USE_OPERATIONS)
    with store.reading() as session:
        waiting = _waiting(now).subquery()
        counted = select(func.count()).select_from(waiting)
        return int(session.execute(counted).scalar_one())


def payments_to_review(store: Store, actor: Actor, now: datetime) -> pd.DataFrame:
    """Those payments, as `payments_page` lists them: unknown outcomes first, then by deadline.

    At most MOST_ROWS. Raises NotAllowed.
    """
    actor.require(Permission.USE_OPERATIONS)
    with store.reading() as session:
        waiting = _waiting(now).subquery()
        known = case((col(Payment.display_status) == DisplayStatus.CHECKING, 0), else_=1)
        ids = session.execute(
            select(col(Payment.id))
            .join(waiting, waiting.c.id == col(Payment.id))
            .order_by(known, col(Payment.act_by_at).nulls_last(), col(Payment.created_at))
            .limit(MOST_ROWS)
        ).scalars()
        return frame_of(session, list(ids))


def _waiting(now: datetime) -> CompoundSelect[str]:
    """Each payment once, whatever it waits for. The conditions are those of the indexes."""
    asks = col(Payment.attention)
    return union(
        select(col(Payment.id).label("id")).where(asks.is_not(None), asks == Attention.DISPUTE),
        select(col(Payment.id)).where(
            asks.is_not(None),
            asks == Attention.HOLD,
            col(Payment.act_by_at) <= now + RUNS_OUT_SOON,
        ),
        select(col(Operation.payment_id)).where(
            col(Operation.open_slot).is_not(None), col(Operation.needs_review)
        ),
    )

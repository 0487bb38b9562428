"""Reconciliations as rows: the last one, and the time that each of them looked at."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from cardpay.storage.schema.tables import Reconciliation

_WITHOUT_PROBLEM = (
    col(Reconciliation.finished_at).is_not(None),
    col(Reconciliation.problem).is_(None),
)
# So many good reconciliations are looked at: an older gap, six weeks back if they are hourly, has
# been reconciled long since.
_NEWEST = 1_000


def last_reconciliation(
    session: Session, account: tuple[str, bool], *, finished: bool
) -> Reconciliation | None:
    """The newest reconciliation, or with `finished` the newest that ended without a problem."""
    stripe_account_id, livemode = account
    asked = select(Reconciliation).where(
        Reconciliation.stripe_account_id == stripe_account_id,
        Reconciliation.livemode == livemode,
    )
    if finished:
        asked = asked.where(*_WITHOUT_PROBLEM)
    return session.exec(
        asked.order_by(col(Reconciliation.started_at).desc()).limit(1)
    ).one_or_none()


def finished_spans(
    session: Session, account: tuple[str, bool]
) -> Sequence[tuple[datetime, datetime]]:
    """Beginning and end of the newest reconciliations that ended without a problem."""
    stripe_account_id, livemode = account
    newest = session.exec(
        select(Reconciliation.since_at, Reconciliation.until_at)
        .where(
            Reconciliation.stripe_account_id == stripe_account_id,
            Reconciliation.livemode == livemode,
            *_WITHOUT_PROBLEM,
        )
        .order_by(col(Reconciliation.started_at).desc())
        .limit(_NEWEST)
    )
    return newest.all()

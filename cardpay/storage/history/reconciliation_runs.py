"""Reconciliations as rows: the last one, and the gaps that they leave between them."""

from datetime import datetime, timedelta

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


def reconciled_until(
    session: Session, account: tuple[str, bool], lag: timedelta
) -> datetime | None:
    """Until when the good reconciliations, from the oldest on, leave no gap; None without one."""
    return _covered(session, account, lag)[0]


def first_gap(
    session: Session, account: tuple[str, bool], lag: timedelta
) -> tuple[datetime, datetime] | None:
    """Beginning and end of the first gap between the good reconciliations; None without one."""
    covered, goes_on_at = _covered(session, account, lag)
    return (covered, goes_on_at) if covered and goes_on_at else None


def _covered(
    session: Session, account: tuple[str, bool], lag: timedelta
) -> tuple[datetime | None, datetime | None]:
    """Until when the good reconciliations leave no gap, and where the one after the gap begins.

    A reconciliation reads the last `lag` before its end only in part, so the next one has to begin
    before that; if it begins later it leaves a gap, however late it ends.
    """
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
    ).all()
    covered: datetime | None = None
    for since_at, until_at in sorted(newest):
        if covered is not None and since_at > covered - lag:
            return covered, since_at
        covered = until_at if covered is None else max(covered, until_at)
    return covered, None

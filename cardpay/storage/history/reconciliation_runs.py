"""The runs that look back: their rows, and how far each stretch of time is imported."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, update
from sqlmodel import Session, col, select

from cardpay.storage.schema.tables import Backfill, BackfillRange, Reconciliation

_WITHOUT_PROBLEM = (
    col(Reconciliation.finished_at).is_not(None),
    col(Reconciliation.problem).is_(None),
)
# As many good comparisons are looked back on: a hole older than six weeks of hourly ones has
# been gone over long since.
_LOOKED_BACK_ON = 1_000
# Made once, since it is carried out for each commit.
_NOTE_PAGES = (
    update(BackfillRange)
    .where(col(BackfillRange.id) == bindparam("range_id"))
    .values(
        cursor=bindparam("new_cursor"),
        imported=col(BackfillRange.imported) + bindparam("more"),
        finished_at=bindparam("new_end"),
    )
)


def unfinished_backfill(
    session: Session, account: tuple[str, bool], since_at: datetime | None
) -> Backfill | None:
    """The newest import that was cut off, if it was to begin at the same time."""
    stripe_account_id, livemode = account
    last = session.exec(
        select(Backfill)
        .where(Backfill.stripe_account_id == stripe_account_id, Backfill.livemode == livemode)
        .order_by(col(Backfill.started_at).desc())
        .limit(1)
    ).one_or_none()
    if last is None or last.finished_at is not None or last.since_at != since_at:
        return None
    return last


def ranges(session: Session, backfill_id: str) -> Sequence[BackfillRange]:
    """Every stretch of an import, finished or not."""
    return session.exec(
        select(BackfillRange)
        .where(BackfillRange.backfill_id == backfill_id)
        .order_by(col(BackfillRange.id))
    ).all()


def split_range(session: Session, range_id: int, second: BackfillRange) -> None:
    """Give the older part of a stretch to `second`, whose id is known afterwards."""
    session.execute(
        update(BackfillRange)
        .where(col(BackfillRange.id) == range_id)
        .values(from_at=_after(second.to_at))
    )
    session.add(second)
    session.flush()


def note_pages(
    session: Session,
    range_id: int,
    cursor: str | None,
    imported: int,
    finished_at: datetime | None,
) -> None:
    """More pages of a stretch are imported: in the same transaction as their rows."""
    session.connection().execute(
        _NOTE_PAGES,
        {
            "range_id": range_id,
            "new_cursor": cursor,
            "more": imported,
            "new_end": finished_at,
        },
    )


def last_reconciliation(
    session: Session, account: tuple[str, bool], *, finished: bool
) -> Reconciliation | None:
    """The newest comparison, or the newest that came to its end without a problem."""
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


def compared_until(session: Session, account: tuple[str, bool], lag: timedelta) -> datetime | None:
    """Up to when the good comparisons leave no hole, from the first of them; None without one."""
    return _compared(session, account, lag)[0]


def hole(
    session: Session, account: tuple[str, bool], lag: timedelta
) -> tuple[datetime, datetime] | None:
    """From when to when the first hole is that the good comparisons leave between them."""
    covered, goes_on_at = _compared(session, account, lag)
    return (covered, goes_on_at) if covered and goes_on_at else None


def _compared(
    session: Session, account: tuple[str, bool], lag: timedelta
) -> tuple[datetime | None, datetime | None]:
    """Up to when the good comparisons leave no hole, and where the one behind it begins.

    A comparison that begins after that time leaves one, however late it ends. Each looked at
    the last `lag` before its end in part only, so the next has to begin before that.
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
        .limit(_LOOKED_BACK_ON)
    ).all()
    covered: datetime | None = None
    for since_at, until_at in sorted(newest):
        if covered is not None and since_at > covered - lag:
            return covered, since_at
        covered = until_at if covered is None else max(covered, until_at)
    return covered, None


def _after(at: datetime) -> datetime:
    """The next second: stretches are whole seconds, both ends included."""
    return at.fromtimestamp(int(at.timestamp()) + 1, at.tzinfo)

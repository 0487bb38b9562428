"""Imports as rows, and how far each of their stretches of time is."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, update
from sqlmodel import Session, col, select

from cardpay.storage.schema.tables import Backfill, BackfillRange

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


def unfinished_import(
    session: Session, account: tuple[str, bool], since_at: datetime | None
) -> Backfill | None:
    """The newest import, if it has not ended and begins at `since_at`; else None."""
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
    """All stretches of an import, finished or not."""
    return session.exec(
        select(BackfillRange)
        .where(BackfillRange.backfill_id == backfill_id)
        .order_by(col(BackfillRange.id))
    ).all()


def split_range(session: Session, range_id: int, second: BackfillRange) -> None:
    """Move the older part of a stretch into the new row `second`, which gets its id here."""
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
    """Note more imported pages of a stretch; call it in the transaction that stores their rows."""
    session.connection().execute(
        _NOTE_PAGES,
        {
            "range_id": range_id,
            "new_cursor": cursor,
            "more": imported,
            "new_end": finished_at,
        },
    )


def _after(at: datetime) -> datetime:
    """The next second: stretches are whole seconds, both ends included."""
    return at.fromtimestamp(int(at.timestamp()) + 1, at.tzinfo)

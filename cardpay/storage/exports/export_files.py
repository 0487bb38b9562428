"""Rows of exports: begun, seen, ended, and removed when they have expired."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlmodel import Session, col

from cardpay.domain.exports.exported_files import LISTED, UNDER_WAY, ExportKind, ExportState
from cardpay.storage.schema.tables import ExportFile


def of_maker(session: Session, maker: str, kind: ExportKind, now: datetime) -> list[ExportFile]:
    """The newest LISTED of somebody's exports of a list that have not expired, newest first."""
    found = session.scalars(
        select(ExportFile)
        .where(
            col(ExportFile.maker) == maker,
            col(ExportFile.kind) == kind,
            col(ExportFile.expires_at) > now,
        )
        .order_by(col(ExportFile.created_at).desc(), col(ExportFile.id))
        .limit(LISTED)
    )
    return [*found]


def count_under_way(session: Session, maker: str, kind: ExportKind, seen_since: datetime) -> int:
    """How many of somebody's exports of a list a process is at, or will be."""
    return (
        session.scalar(
            select(func.count())
            .select_from(ExportFile)
            .where(
                col(ExportFile.maker) == maker,
                col(ExportFile.kind) == kind,
                col(ExportFile.state).in_(sorted(UNDER_WAY)),
                col(ExportFile.seen_at) >= seen_since,
            )
        )
        or 0
    )


def expire_unlisted(session: Session, maker: str, kind: ExportKind, now: datetime) -> None:
    """Expire what the page does not list: the cancelled, and all but the newest LISTED."""
    ended = (
        select(col(ExportFile.id), col(ExportFile.state))
        .where(
            col(ExportFile.maker) == maker,
            col(ExportFile.kind) == kind,
            col(ExportFile.state).not_in(sorted(UNDER_WAY)),
            col(ExportFile.expires_at) > now,
        )
        .order_by(col(ExportFile.created_at).desc(), col(ExportFile.id))
    )
    found = session.execute(ended).all()
    kept = [one for one, state in found if state != ExportState.CANCELED][:LISTED]
    beyond = [one for one, _ in found if one not in kept]
    session.execute(
        update(ExportFile).where(col(ExportFile.id).in_(beyond)).values(expires_at=now)
    )


def mark_seen(session: Session, ids: Collection[str], now: datetime) -> None:
    """Note that this process is at these, or will be."""
    _change(session, col(ExportFile.id).in_(ids), seen_at=now)


def mark_running(session: Session, export_id: str, objects: int, now: datetime) -> bool:
    """Note how many objects are written; False once the export has ended."""
    changed = _change(
        session,
        col(ExportFile.id) == export_id,
        state=ExportState.RUNNING,
        objects=objects,
        seen_at=now,
    )
    return changed == 1


def end(session: Session, which: ColumnElement[bool], state: ExportState, **facts: Any) -> int:
    """End those of the exports that are under way; return how many they were."""
    return _change(session, which, state=state, **facts)


def named(export_id: str) -> ColumnElement[bool]:
    """One export."""
    return col(ExportFile.id) == export_id


def not_seen_since(before: datetime) -> ColumnElement[bool]:
    """Those whose process has gone."""
    return col(ExportFile.seen_at) < before


def remove_expired(session: Session, now: datetime) -> None:
    """Delete the rows of what has expired."""
    session.execute(delete(ExportFile).where(col(ExportFile.expires_at) <= now))


def known_ids(session: Session) -> frozenset[str]:
    """Every export that there is a row of."""
    return frozenset(session.scalars(select(col(ExportFile.id))))


def _change(session: Session, which: ColumnElement[bool], **values: Any) -> int:
    changing = update(ExportFile).where(which, col(ExportFile.state).in_(sorted(UNDER_WAY)))
    return session.connection().execute(changing.values(**values)).rowcount

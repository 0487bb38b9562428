"""The last reconciliation with Stripe, the differences that were found, and the last import."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pandas as pd
from sqlalchemy import func, select
from sqlmodel import Session, col

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import (
    Backfill,
    BackfillRange,
    Discrepancy,
    Payment,
    Reconciliation,
)

DIFFERENCES: Final = 100  # how many are listed, newest first
DIFFERENCE_COLUMNS: Final = (
    "Found",
    "What",
    "Order reference",
    "Ours",
    "Stripe's",
    "What was done",
)


@dataclass(frozen=True)
class ReconciliationReport:
    """The last reconciliation with Stripe, of what was created between two times.

    `finished_at` is None while it runs, and stays so if it was cut off. `compared` counts
    Stripe's objects, `differences` those that were not the same here.
    """

    since_at: datetime
    until_at: datetime
    started_at: datetime
    finished_at: datetime | None
    compared: int
    reads: int
    differences: int
    problem: str | None


@dataclass(frozen=True)
class ImportReport:
    """The last import of the account's history. `since_at` None means from its beginning.

    `stretches` counts pieces of time; each is imported page by page.
    """

    since_at: datetime | None
    started_at: datetime
    finished_at: datetime | None
    problem: str | None
    imported: int
    stretches: int
    stretches_done: int


@dataclass(frozen=True)
class HistoryReport:
    """The three together. `differences` has DIFFERENCE_COLUMNS in UTC, by payment id."""

    reconciliation: ReconciliationReport | None
    last_import: ImportReport | None
    differences: pd.DataFrame


def history_report(store: Store, actor: Actor) -> HistoryReport:
    """What is stored now. Raises NotAllowed."""
    actor.require(Permission.USE_OPERATIONS)
    with store.reading() as session:
        return HistoryReport(
            reconciliation=_reconciliation(session),
            last_import=_last_import(session),
            differences=_differences(session),
        )


def _reconciliation(session: Session) -> ReconciliationReport | None:
    last = session.scalars(
        select(Reconciliation).order_by(col(Reconciliation.started_at).desc()).limit(1)
    ).one_or_none()
    if last is None:
        return None
    differences = session.scalars(
        select(func.count())
        .select_from(Discrepancy)
        .where(col(Discrepancy.reconciliation_id) == last.id)
    ).one()
    return ReconciliationReport(
        since_at=last.since_at,
        until_at=last.until_at,
        started_at=last.started_at,
        finished_at=last.finished_at,
        compared=last.compared,
        reads=last.reads,
        differences=differences,
        problem=last.problem,
    )


def _last_import(session: Session) -> ImportReport | None:
    last = session.scalars(
        select(Backfill).order_by(col(Backfill.started_at).desc()).limit(1)
    ).one_or_none()
    if last is None:
        return None
    imported, stretches, done = session.execute(
        select(
            func.coalesce(func.sum(col(BackfillRange.imported)), 0),
            func.count(),
            func.count(col(BackfillRange.finished_at)),
        ).where(col(BackfillRange.backfill_id) == last.id)
    ).one()
    return ImportReport(
        since_at=last.since_at,
        started_at=last.started_at,
        finished_at=last.finished_at,
        problem=last.problem,
        imported=int(imported),
        stretches=stretches,
        stretches_done=done,
    )


def _differences(session: Session) -> pd.DataFrame:
    """The newest of all runs: the next run finds none, and they must stay in sight."""
    found = session.execute(
        select(Discrepancy, col(Payment.order_reference))
        .outerjoin(Payment, col(Payment.id) == col(Discrepancy.payment_id))
        .order_by(col(Discrepancy.id).desc())
        .limit(DIFFERENCES)
    ).all()
    rows = [
        (
            difference.found_at,
            difference.kind,
            reference or difference.stripe_object_id or "",
            difference.ours or "",
            difference.theirs or "",
            difference.done,
        )
        for difference, reference in found
    ]
    index = pd.Index([row[0].payment_id or "" for row in found], name="payment_id", dtype="str")
    frame = pd.DataFrame(rows, columns=list(DIFFERENCE_COLUMNS), index=index)
    return frame.astype({"Found": "datetime64[us, UTC]"})

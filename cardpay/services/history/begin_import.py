"""Importing an account's history: every PaymentIntent with what followed it.

An import that was cut off goes on where it stopped. `run_import` carries it out.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from uuid import uuid4

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.errors import CardpayError
from cardpay.domain.history.list_kinds import ListKind
from cardpay.domain.history.stripe_read_limits import REQUESTS_PER_SECOND
from cardpay.services.audit.record_act import record
from cardpay.services.desk import Desk
from cardpay.services.history.import_progress import Progress
from cardpay.services.history.import_work_sharing import Range
from cardpay.services.history.note_end import noted_end
from cardpay.services.history.rate_limiter import RateLimiter
from cardpay.services.history.run_import import ImportResult, ImportRun
from cardpay.storage.database.lease import acquire_lease
from cardpay.storage.history import stored_imports
from cardpay.storage.schema.tables import Backfill, BackfillRange

FIRST_DAY = date(2011, 1, 1)  # Stripe opened to the public in September 2011
_NAME = "backfill"


class ImportRunning(CardpayError):
    """Another import is under way, here or in another process."""

    def __init__(self) -> None:
        super().__init__(
            "An import is already running.",
            "Wait until it ends. If it was interrupted, start it again in 2 minutes.",
        )


class ImportTakenOver(CardpayError):
    """This process stood still for too long, or lost its connection to the database."""

    def __init__(self) -> None:
        super().__init__(
            "The import stopped because another process may have continued it.",
            "Wait until that one ends, or start it again in 2 minutes. It continues where it "
            "stopped.",
        )


class ImportFailed(CardpayError):
    """An unexpected error in cardpay."""

    def __init__(self, error: Exception) -> None:
        super().__init__(
            f"The import stopped because of an error in cardpay ({type(error).__name__}).",
            "Start it again. It continues where it stopped. If this happens again, tell your "
            "administrator.",
        )


def import_history(
    desk: Desk,
    actor: Actor,
    *,
    since: date | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
    requests_per_second: float | None = None,
) -> ImportResult:
    """Import what was created since a day (UTC; None: from the beginning), or resume that import.

    `progress` is called in this thread after each commit. Raises ImportRunning, ImportStopped,
    ImportTakenOver, ImportFailed, ReadBudgetSpent, NotAllowed, AskedTooOften.
    """
    actor.require(Permission.USE_OPERATIONS)
    desk.asks.count(actor, desk.now())
    limiter = RateLimiter(requests_per_second or REQUESTS_PER_SECOND[desk.account.mode])
    with acquire_lease(desk.store.engine, _NAME, desk.now) as lease:
        if lease is None:
            raise ImportRunning
        run = ImportRun(desk, actor, lease, limiter, *_begin(desk, actor, since))
        with noted_end(run.end, "import", ImportTakenOver, ImportFailed):
            return run.run(progress)


def _begin(desk: Desk, actor: Actor, since: date | None) -> tuple[str, list[Range], int]:
    """Id, stretches and number of imported objects of the unfinished import, or of a new one."""
    since_at = datetime.combine(since, time(), UTC) if since else None
    act = "backfill.resume"
    with desk.store.transaction() as session:
        last = stored_imports.unfinished_import(session, desk.account.key, since_at)
        if last is None:
            now = desk.now()
            act = "backfill.start"
            last = Backfill(
                id=str(uuid4()),
                stripe_account_id=desk.account.stripe_account_id,
                livemode=desk.account.livemode,
                since_at=since_at,
                until_at=now,
                actor_id=actor.actor_id,
                started_at=now,
            )
            session.add(last)
            session.flush()
            first_at = since_at or datetime.combine(FIRST_DAY, time(), UTC)
            for kind in ListKind:
                session.add(
                    BackfillRange(backfill_id=last.id, kind=kind, from_at=first_at, to_at=now)
                )
        last.problem = None
        session.add(last)
        session.flush()
        after = {"since": since.isoformat() if since else None}
        record(session, actor, act, ("backfill", last.id), at=desk.now(), after=after)
        rows = stored_imports.ranges(session, last.id)
    return last.id, [_range_of(row) for row in rows], sum(row.imported for row in rows)


def _range_of(row: BackfillRange) -> Range:
    done = row.finished_at is not None
    return Range(
        kind=row.kind,
        first=int(row.from_at.timestamp()),
        last=int(row.to_at.timestamp()),
        cursor=row.cursor,
        row_id=row.id,
        fetched_all=done,
        stored=done,
    )

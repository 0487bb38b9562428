"""What the threads of an import share: no second is lost to a kill, and few ask at once."""

import threading

from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.history.list_kinds import ListKind
from cardpay.services.desk import Desk
from cardpay.services.history.commit_import import Split, store_split
from cardpay.services.history.import_work_sharing import Range, as_time
from cardpay.services.history.rate_limiter import RateLimiter
from cardpay.services.history.run_import import PARALLEL, ImportRun
from cardpay.storage.database.lease import acquire_lease
from cardpay.storage.schema.tables import Backfill, BackfillRange
from tests.support.desks.worlds import World
from tests.support.processes.waiting import PATIENCE_SECONDS


def _full(one: Range) -> None:
    """As after a first page: much is still to come."""
    one.fetching, one.fetched, one.newest, one.reached = True, 1_000, one.last, one.last - 10


def _begun(desk: Desk) -> Backfill:
    now = desk.now()
    return Backfill(
        id="backfill-1",
        stripe_account_id=desk.account.stripe_account_id,
        livemode=desk.account.livemode,
        until_at=now,
        actor_id=SYSTEM.actor_id,
        started_at=now,
    )


def test_a_half_is_written_as_it_was(world: World) -> None:
    """Killed after the first of the two commits, the whole of the first half is still to do."""
    desk = world.desk
    whole = Range(ListKind.BALANCE_TRANSACTIONS, 0, 10_000, row_id=1)
    with acquire_lease(desk.store.engine, "splits") as lease:
        assert lease is not None
        run = ImportRun(desk, SYSTEM, lease, RateLimiter(1.0), "backfill-1", [whole], 0)
        _full(whole)
        work = run._ranges.work([ListKind.BALANCE_TRANSACTIONS])
        half = next(work)
        first, last = half.first, half.last
        _full(half)
        whole.fetching, whole.fetched_all = False, True
        assert next(work).first == first
        assert half.first > first  # it was halved as well
        split = run._arrived.get_nowait()
        assert isinstance(split, Split)
        with desk.store.transaction() as session:
            session.add(_begun(desk))
            session.flush()
            store_split(session, "backfill-1", split)
            row = session.get_one(BackfillRange, half.row_id)
            assert (row.from_at, row.to_at) == (as_time(first), as_time(last))


def test_only_so_many_requests_are_under_way(world: World) -> None:
    """However many threads there are; the next one is sent as soon as one is answered."""
    sent, answered = threading.Semaphore(0), threading.Semaphore(0)

    def request() -> None:
        sent.release()
        answered.acquire()

    with acquire_lease(world.desk.store.engine, "splits") as lease:
        assert lease is not None
        run = ImportRun(world.desk, SYSTEM, lease, RateLimiter(10_000.0), "backfill-1", [], 0)
        threads = [threading.Thread(target=run._ask, args=(request,)) for _ in range(PARALLEL + 1)]
        for thread in threads:
            thread.start()
        assert all(sent.acquire(timeout=PATIENCE_SECONDS) for _ in range(PARALLEL))
        assert not sent.acquire(timeout=0.2)
        answered.release()
        assert sent.acquire(timeout=PATIENCE_SECONDS)
        answered.release(PARALLEL)
        for thread in threads:
            thread.join()

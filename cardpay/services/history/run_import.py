"""One run of an import: threads that fetch pages, and the calling thread, which writes them.

`import_work_sharing` says which page is next, and `commit_import` how it is stored. One thread
alone writes, since SQLite has one writer. Rows of pages are committed together with their
cursors: an import that is killed at any point goes on where it stopped, and what is fetched twice
is stored once. At most `_PAGES_IN_HAND` pages are in memory, however long the history.
"""

import gc
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

from cardpay.domain.access.actor import Actor
from cardpay.domain.errors import CardpayError
from cardpay.domain.history.list_kinds import ListKind
from cardpay.domain.history.stripe_read_limits import RESERVED_FOR_RECONCILIATION
from cardpay.domain.stripe_facts.events import Subject
from cardpay.domain.stripe_facts.snapshots import (
    CheckoutSessionSnapshot,
    PaymentIntentSnapshot,
)
from cardpay.gateway.errors import ObjectUnreadable, RequestRefused, StripeUnavailable
from cardpay.gateway.pagination import ListPage, ListQuery, Unreadable
from cardpay.logs.logger import get_logger
from cardpay.services.audit.record_act import record
from cardpay.services.desk import Desk
from cardpay.services.history import read_budget
from cardpay.services.history.commit_import import (
    LISTS,
    FetchedPage,
    Split,
    UnknownIntents,
    store,
)
from cardpay.services.history.import_progress import Progress, ProgressCounter
from cardpay.services.history.import_work_sharing import Range, Ranges, as_time
from cardpay.services.history.rate_limiter import RateLimiter
from cardpay.services.history.read_budget import ReadBudget
from cardpay.services.stripe_facts.itemise_payouts import itemise_payouts
from cardpay.storage.database.lease import HeldLease
from cardpay.storage.schema.tables import Backfill
from cardpay.storage.stripe_facts import read_known

_log = get_logger(__name__)

PARALLEL = 8  # requests at once: at 150 ms a page, some 50 a second
_THREADS = PARALLEL * 3 // 2  # some parse what came, or wait for the writing thread
# Charges take longer to store than to fetch, and balance transactions the other way round: half of
# the threads fetch the one while the other half fetch the other.
_ORDERS = (
    tuple(ListKind),
    (
        ListKind.PAYMENT_INTENTS,
        ListKind.BALANCE_TRANSACTIONS,
        ListKind.CHARGES,
        ListKind.REFUNDS,
        ListKind.DISPUTES,
        ListKind.PAYOUTS,
    ),
)
# What these list belongs to a PaymentIntent.
_OF_PAYMENTS = frozenset({ListKind.CHARGES, ListKind.REFUNDS, ListKind.DISPUTES})
_PAGES_IN_HAND = 2 * PARALLEL  # on their way, waiting, and being written
_PAGES_A_COMMIT = 6
_GATHERING_SECONDS = 0.1  # a commit costs about as much as a page
# The database's statistics are refreshed after so many objects, and again at each fourfold.
_STATISTICS_AFTER = 1_000
_RARE_GC_THRESHOLD = (20_000, 20, 100)
_RENEW_LEASE_EVERY = timedelta(seconds=20)


class ImportStopped(CardpayError):
    """Stripe does not answer any more."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The import stopped because Stripe isn't responding ({reason}).",
            "Start it again. It continues where it stopped.",
        )


@dataclass(frozen=True)
class ImportResult:
    """How an import ended. `objects` counts those of all its runs, `reads` this run's requests."""

    backfill_id: str
    objects: int
    reads: int


@contextmanager
def _garbage_collected_rarely() -> Iterator[None]:
    """Run the cyclic garbage collector less often; it would take a tenth of an import's time.

    An import makes millions of objects and hardly any cycles.
    """
    before = gc.get_threshold()
    gc.set_threshold(*_RARE_GC_THRESHOLD)
    try:
        yield
    finally:
        gc.set_threshold(*before)


class ImportRun:
    """One run of an import: the threads that fetch, and the calling one, which writes."""

    def __init__(
        self,
        desk: Desk,
        actor: Actor,
        lease: HeldLease,
        limiter: RateLimiter,
        backfill_id: str,
        ranges: list[Range],
        imported: int,
    ) -> None:
        self._desk = desk
        self._actor = actor
        self._lease = lease
        self._limiter = limiter
        self._backfill_id = backfill_id
        self._imported = imported
        self._reads = 0
        self._budget = ReadBudget(desk, RESERVED_FOR_RECONCILIATION)
        self._arrived = queue.SimpleQueue[Split | FetchedPage | BaseException]()
        self._under_way = threading.Semaphore(PARALLEL)
        self._room = threading.Semaphore(_PAGES_IN_HAND)
        self._ranges = Ranges(
            ranges,
            lambda first, second: self._arrived.put(
                Split(first, second, (second.first, second.last))
            ),
        )

    def run(self, progress: Callable[[Progress], None]) -> ImportResult:
        """Import until all is stored. Raises a CardpayError when it has to stop before."""
        with ExitStack() as stack:
            stack.enter_context(_garbage_collected_rarely())
            threads = [
                threading.Thread(
                    target=self._fetch,
                    args=(_ORDERS[number % 2],),
                    name=f"import-{number}",
                    daemon=True,
                )
                for number in range(_THREADS)
            ]
            for thread in threads:
                stack.callback(thread.join)
                thread.start()
            stack.callback(self._stop_fetching)
            self._write(ProgressCounter(self._imported), progress)
        itemise_payouts(self._desk, self._actor, self._ask)
        self.end(None)
        return ImportResult(self._backfill_id, self._imported, self._reads)

    def end(self, problem: str | None) -> None:
        """Note how it ended; without a problem it is finished.

        Whoever took it over may have finished it already: then it stays so.
        """
        read_budget.save_counts(self._desk)
        with self._desk.store.transaction() as session:
            row = session.get_one(Backfill, self._backfill_id, with_for_update=True)
            if row.finished_at is None:
                row.problem = problem
                row.finished_at = self._desk.now() if problem is None else None
                session.add(row)
            record(
                session,
                self._actor,
                "backfill.end",
                ("backfill", self._backfill_id),
                at=self._desk.now(),
                after={"objects": self._imported, "reads": self._reads, "whole": problem is None},
            )
        _log.info(
            "import stopped" if problem else "import ended",
            backfill_id=self._backfill_id,
            problem=problem,
        )

    def _stop_fetching(self) -> None:
        """Make the fetching threads end, wherever they wait."""
        self._ranges.stop()
        for _ in range(_THREADS):
            self._room.release()

    def _fetch(self, order: Sequence[ListKind]) -> None:
        """What one fetching thread does: page after page."""
        try:
            for mine in self._ranges.work(order):
                self._room.acquire()
                if self._ranges.is_stopped():
                    return
                self._arrived.put(self._page_of(mine))
                self._ranges.put_back(mine)
        except BaseException as error:  # noqa: BLE001 - the writing thread raises it
            self._arrived.put(error)

    def _page_of(self, mine: Range) -> FetchedPage:
        asked_at = self._desk.now()
        query = ListQuery(as_time(mine.first), as_time(mine.last), mine.cursor, passed=mine.passed)
        page: ListPage[Any] = self._ask(
            partial(self._desk.gateway.list_page, LISTS[mine.kind], query)
        )
        unknown = self._unknown(page) if mine.kind in _OF_PAYMENTS else UnknownIntents()
        links, without_link = self._links([*unknown.found, *page.found])
        unknown = replace(unknown, unreadable=[*unknown.unreadable, *without_link])
        self._ranges.note_fetched(mine, page)
        return FetchedPage(mine, page, mine.fetched_all, unknown, asked_at, links)

    def _unknown(self, page: ListPage[Any]) -> UnknownIntents:
        """PaymentIntents that are older than the import, and to which something happened since.

        And those that were set aside when their own list was read.
        """
        ids = [one.payment_intent_id for one in page.found if one.payment_intent_id]
        with self._desk.store.reading() as session:
            unknown = read_known.unknown_intents(session, self._desk.account.key, ids)
        found, unreadable = [], []
        for intent_id in unknown:
            try:
                found.append(
                    self._ask(partial(self._desk.gateway.retrieve_payment_intent, intent_id))
                )
            except ObjectUnreadable as why:
                unreadable.append(Unreadable(Subject.PAYMENT_INTENT, intent_id, why.reason))
            except RequestRefused as refused:
                if refused.code != "resource_missing":
                    raise
                missing = "Stripe doesn't have it."
                unreadable.append(Unreadable(Subject.PAYMENT_INTENT, intent_id, missing))
        return UnknownIntents(found, unreadable)

    def _links(
        self, found: Sequence[Any]
    ) -> tuple[list[CheckoutSessionSnapshot], list[Unreadable]]:
        """The Checkout Sessions of PaymentIntents that name a payment with a link.

        Only the Session tells whether such a PaymentIntent is the link's own; and the
        PaymentIntents whose Session cannot be read.
        """
        named = [
            (one.metadata["payment_id"], one.payment_intent_id)
            for one in found
            if isinstance(one, PaymentIntentSnapshot) and "payment_id" in one.metadata
        ]
        with self._desk.store.reading() as session:
            waiting = read_known.links_without_intent(session, (one for one, _ in named))
        sessions, unreadable = [], []
        for intent_id in (intent_id for payment_id, intent_id in named if payment_id in waiting):
            try:
                sessions.append(
                    self._ask(partial(self._desk.gateway.checkout_session_of, intent_id))
                )
            except ObjectUnreadable as why:
                unreadable.append(Unreadable(Subject.PAYMENT_INTENT, intent_id, why.reason))
        return [one for one in sessions if one is not None], unreadable

    def _ask(self, read: Callable[[], Any]) -> Any:
        self._budget.require()
        self._reads += 1
        with self._under_way:
            return self._limiter.call(read)

    def _write(self, counter: ProgressCounter, progress: Callable[[Progress], None]) -> None:
        """Commit what has arrived, a few pages at a time, until all is stored."""
        renewed_at = self._desk.now()
        statistics_after = _STATISTICS_AFTER
        while not self._ranges.all_stored:
            arrived = self._next_arrived()
            with read_budget.transaction(self._desk) as session:
                store(session, self._desk, self._actor, self._backfill_id, arrived)
            for one in arrived:
                if isinstance(one, FetchedPage):
                    self._room.release()
                    self._imported += len(one.page.found)
                    counter.add(one.range_.kind, len(one.page.found))
                    if one.is_last:
                        self._ranges.note_stored(one.range_)
            progress(counter.progress(self._ranges.every))
            if self._imported >= statistics_after:
                statistics_after = 4 * self._imported
                with self._desk.store.transaction() as session:
                    read_known.refresh_statistics(session)
            if self._desk.now() - renewed_at > _RENEW_LEASE_EVERY:
                self._lease.renew()
                renewed_at = self._desk.now()

    def _next_arrived(self) -> list[Split | FetchedPage]:
        """What comes within a moment, at least one; raises what a thread has raised."""
        arrived = [self._arrived.get()]
        until = time.monotonic() + _GATHERING_SECONDS
        while len(arrived) < _PAGES_A_COMMIT:
            try:
                arrived.append(self._arrived.get(timeout=max(0.0, until - time.monotonic())))
            except queue.Empty:
                break
        good: list[Split | FetchedPage] = []
        for one in arrived:
            if isinstance(one, StripeUnavailable):
                raise ImportStopped(one.reason) from one
            if isinstance(one, RequestRefused):
                raise ImportStopped(one.message) from one
            if isinstance(one, BaseException):
                raise one
            good.append(one)
        return good

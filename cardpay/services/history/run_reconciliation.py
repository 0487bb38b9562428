"""One run of a reconciliation: list by list, each difference corrected before the next."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from cardpay.domain.access.actor import Actor
from cardpay.domain.errors import CardpayError
from cardpay.domain.history.list_kinds import DifferenceKind
from cardpay.domain.history.reconciliation_rules import LAG
from cardpay.domain.history.stripe_read_limits import REQUESTS_PER_SECOND
from cardpay.domain.stripe_facts.events import LISTED_TYPES, EventState
from cardpay.domain.stripe_facts.snapshots import EventSnapshot
from cardpay.gateway import pagination
from cardpay.gateway.errors import RequestRefused, StripeUnavailable
from cardpay.gateway.pagination import ListEndpoint, ListPage, ListQuery
from cardpay.logs.logger import failure, get_logger
from cardpay.services.audit.record_act import Value, record
from cardpay.services.desk import Desk
from cardpay.services.history import read_budget
from cardpay.services.history import reconciliation_differences as differences
from cardpay.services.history.bulk_or_one_by_one import account
from cardpay.services.history.rate_limiter import RateLimiter
from cardpay.services.history.read_budget import ReadBudget, ReadBudgetSpent
from cardpay.services.history.reconciliation_differences import Difference
from cardpay.services.webhooks import event_worker
from cardpay.services.webhooks.apply_event import retrieve_and_apply
from cardpay.services.webhooks.receive_event import store_events
from cardpay.storage.database.engine import Session
from cardpay.storage.database.lease import HeldLease
from cardpay.storage.history import reconciliation_reads
from cardpay.storage.schema.tables import Discrepancy, Reconciliation

_log = get_logger(__name__)

_STEPS: tuple[tuple[str, ListEndpoint[Any]], ...] = (
    ("Payments", pagination.PAYMENT_INTENTS_WITH_CHARGE),
    ("Refunds", pagination.REFUNDS),
    ("Disputes", pagination.DISPUTES),
    ("Events", pagination.EVENTS),
)


@dataclass(frozen=True)
class ReconciliationProgress:
    """How far a reconciliation is, or how it ended.

    `doing` names the list that is being compared, for people. `objects` counts what Stripe's lists
    had, `reads` the requests that this took.
    """

    doing: str
    step: int
    steps: int
    objects: int = 0
    differences: int = 0
    reads: int = 0


class ReconciliationRun:
    """One reconciliation. Each difference is corrected and reported before the next."""

    def __init__(
        self,
        desk: Desk,
        actor: Actor,
        lease: HeldLease,
        since: datetime,
        until: datetime,
        progress: Callable[[ReconciliationProgress], None],
    ) -> None:
        self._desk = desk
        self._actor = actor
        self._lease = lease
        self._since = since
        self._until = until
        self._progress = progress
        self._budget = ReadBudget(desk)
        self._limiter = RateLimiter(REQUESTS_PER_SECOND[desk.account.mode])
        self._so_far = ReconciliationProgress("", 0, len(_STEPS))
        self._id = str(uuid4())
        with desk.store.transaction() as session:
            session.add(
                Reconciliation(
                    id=self._id,
                    stripe_account_id=desk.account.stripe_account_id,
                    livemode=desk.account.livemode,
                    since_at=since,
                    until_at=until,
                    actor_id=actor.actor_id,
                    started_at=desk.now(),
                )
            )
            self._record(
                session,
                "start",
                since=since.isoformat(timespec="seconds"),
                until=until.isoformat(timespec="seconds"),
            )

    def run(self) -> ReconciliationProgress:
        """Compare list by list; return what was found."""
        takes = (self._intents, self._refunds, self._disputes, self._events)
        for step, ((doing, asked), take) in enumerate(zip(_STEPS, takes, strict=True), start=1):
            self._so_far = replace(self._so_far, doing=doing, step=step)
            take(asked)
        self.end(None)
        return self._so_far

    def end(self, problem: str | None) -> None:
        """Store how it ended; `problem` is the sentence that says why it stopped early."""
        read_budget.save_counts(self._desk)
        with self._desk.store.transaction() as session:
            row = session.get_one(Reconciliation, self._id)
            row.compared = self._so_far.objects
            row.reads = self._so_far.reads
            row.problem = problem
            row.finished_at = self._desk.now()
            session.add(row)
            self._record(
                session,
                "end",
                objects=self._so_far.objects,
                differences=self._so_far.differences,
                reads=self._so_far.reads,
                whole=problem is None,
            )
        _log.info(
            "reconciliation stopped" if problem else "reconciliation ended",
            reconciliation_id=self._id,
            problem=problem,
            objects=self._so_far.objects,
            differences=self._so_far.differences,
            reads=self._so_far.reads,
        )

    def _record(self, session: Session, step: str, **after: Value) -> None:
        record(
            session,
            self._actor,
            f"reconciliation.{step}",
            ("reconciliation", self._id),
            at=self._desk.now(),
            after=after,
        )

    def _intents(self, asked: ListEndpoint[Any]) -> None:
        """Page by page; and in each page's span of time the payments that Stripe does not list."""
        before: list[str] = []
        upper_at = self._until - LAG
        for page in self._pages(asked, self._until):
            self._compare(partial(differences.in_payments, found=page.found))
            ids = [one.payment_intent_id for one in page.found]
            # The last second of a page may continue on the next one.
            lower_at = (
                page.found[-1].created_at + timedelta(seconds=1) if page.has_more else self._since
            )
            if lower_at <= upper_at:
                self._compare(
                    partial(
                        differences.missing_at_stripe,
                        listed=[*before, *ids],
                        first_at=lower_at,
                        last_at=upper_at,
                    )
                )
                upper_at = lower_at - timedelta(microseconds=1)
            before = ids

    def _refunds(self, asked: ListEndpoint[Any]) -> None:
        for page in self._pages(asked, self._until):
            self._compare(partial(differences.in_refunds, found=page.found))

    def _disputes(self, asked: ListEndpoint[Any]) -> None:
        for page in self._pages(asked, self._until):
            self._compare(partial(differences.in_disputes, found=page.found))

    def _events(self, asked: ListEndpoint[Any]) -> None:
        for page in self._pages(asked, self._until - LAG, types=LISTED_TYPES):
            with self._desk.store.reading() as session:
                missed = differences.missing_events(session, self._desk, page.found)
            if not missed:
                continue
            self._budget.require()
            store_events(self._desk, missed, listed=True)
            event_worker.process_all_due(self._desk, before_each=self._lease.renew)
            done = self._outcomes_of(missed)
            for event in missed:
                named = event.object_id or event.event_id
                self._report(
                    DifferenceKind.EVENT,
                    named,
                    differences.NOT_HERE,
                    event.type,
                    done[event.event_id],
                )

    def _outcomes_of(self, stored: Sequence[EventSnapshot]) -> dict[str, str]:
        """What was done about each event, by its id, in words."""
        ids = [event.event_id for event in stored]
        with self._desk.store.reading() as session:
            states = reconciliation_reads.states_of_events(session, account(self._desk), ids)
        elsewhere = (EventState.IGNORED, "It belongs to another account.")
        return {one: differences.event_outcome(*states.get(one, elsewhere)) for one in ids}

    def _pages(
        self, asked: ListEndpoint[Any], until: datetime, types: tuple[str, ...] = ()
    ) -> Any:
        query = ListQuery(self._since, until, types=types)
        more = self._since <= until
        while more:
            self._lease.renew()
            page: ListPage[Any] = self._ask(partial(self._desk.gateway.list_page, asked, query))
            yield page
            self._so_far = replace(self._so_far, objects=self._so_far.objects + len(page.found))
            self._progress(self._so_far)
            query = replace(query, after=page.last_id)
            more = page.has_more

    def _compare(self, find: Callable[[Session, Desk], Sequence[Difference]]) -> None:
        with self._desk.store.reading() as session:
            found = find(session, self._desk)
        for difference in found:
            self._correct(difference)

    def _correct(self, difference: Difference) -> None:
        """Retrieve, apply and report, unless the list was only older than what is here."""
        self._lease.renew()
        before = self._state(difference)
        reads = self._desk.gateway.reads
        reads_before = reads.total
        try:
            self._budget.require()
            self._limiter.call(
                partial(retrieve_and_apply, self._desk, difference.subject, difference.object_id)
            )
        except (StripeUnavailable, ReadBudgetSpent):
            raise  # the next one would fail as well
        except RequestRefused as refused:
            if refused.code != "resource_missing":
                raise
            self._report_difference(difference, "Not changed. Stripe doesn't have it.")
        except CardpayError as why:
            self._report_difference(difference, f"Not applied. {why.what}")
        except Exception as error:  # noqa: BLE001 - one difference must not stop the others
            _log.warning("difference not corrected", kind=difference.kind, **failure(error))
            self._report_difference(
                difference, f"Not applied because of an error in cardpay ({type(error).__name__})."
            )
        else:
            if self._state(difference) != before:
                self._report_difference(difference, "Corrected.")
        finally:
            asked = reads.total - reads_before
            self._so_far = replace(self._so_far, reads=self._so_far.reads + asked)

    def _state(self, difference: Difference) -> object:
        with self._desk.store.reading() as session:
            return reconciliation_reads.state_of(
                session, account(self._desk), difference.object_id
            )

    def _report_difference(self, difference: Difference, done: str) -> None:
        self._report(
            difference.kind, difference.object_id, difference.ours, difference.theirs, done
        )

    def _report(
        self, kind: DifferenceKind, object_id: str, ours: str, theirs: str, done: str
    ) -> None:
        self._so_far = replace(self._so_far, differences=self._so_far.differences + 1)
        with self._desk.store.transaction() as session:
            session.add(
                Discrepancy(
                    reconciliation_id=self._id,
                    kind=kind,
                    payment_id=reconciliation_reads.payment_of(
                        session, account(self._desk), object_id
                    ),
                    stripe_object_id=object_id,
                    ours=ours,
                    theirs=theirs,
                    done=done,
                    found_at=self._desk.now(),
                )
            )

    def _ask(self, read: Callable[[], Any]) -> Any:
        self._budget.require()
        self._so_far = replace(self._so_far, reads=self._so_far.reads + 1)
        return self._limiter.call(read)

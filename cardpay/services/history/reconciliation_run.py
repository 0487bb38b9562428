"""One comparison with Stripe: list by list, and each difference corrected before the next."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from cardpay.domain.access.actor import Actor
from cardpay.domain.errors import CardpayError
from cardpay.domain.stripe_facts.events import LISTED_TYPES, EventState
from cardpay.domain.stripe_facts.settlement_snapshots import EventSnapshot
from cardpay.gateway import pagination
from cardpay.gateway.errors import RequestRefused, StripeUnavailable
from cardpay.gateway.pagination import ListEndpoint, ListPage, ListQuery
from cardpay.logs.logger import failure, get_logger
from cardpay.services.audit.record import Value, record
from cardpay.services.desk import Desk
from cardpay.services.history import read_budget
from cardpay.services.history import reconciliation_differences as findings
from cardpay.services.history.import_pages import account
from cardpay.services.history.rate_limiter import REQUESTS_PER_SECOND, Pace
from cardpay.services.history.read_budget import Budget, ReadBudgetSpent
from cardpay.services.history.reconciliation_differences import Finding
from cardpay.services.history.reconciliation_progress import Compared
from cardpay.services.webhooks import event_processing
from cardpay.services.webhooks.applying import bring
from cardpay.storage.database.engine import Session
from cardpay.storage.database.lease import Held
from cardpay.storage.history import comparisons
from cardpay.storage.schema.tables import Discrepancy, Reconciliation

_log = get_logger(__name__)

LAG = timedelta(seconds=60)
_STEPS: tuple[tuple[str, ListEndpoint[Any]], ...] = (
    ("Payments", pagination.PAYMENT_INTENTS_WITH_CHARGE),
    ("Refunds", pagination.REFUNDS),
    ("Disputes", pagination.DISPUTES),
    ("Events", pagination.EVENTS),
)


class ReconciliationRun:
    """One comparison. Each difference is corrected and written down before the next."""

    def __init__(
        self,
        desk: Desk,
        actor: Actor,
        held: Held,
        since: datetime,
        until: datetime,
        progress: Callable[[Compared], None],
    ) -> None:
        self._desk = desk
        self._actor = actor
        self._held = held
        self._since = since
        self._until = until
        self._progress = progress
        self._budget = Budget(desk)
        self._pace = Pace(REQUESTS_PER_SECOND[desk.account.mode])
        self._so_far = Compared("", 0, len(_STEPS))
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

    def carry_out(self) -> Compared:
        """List by list."""
        takes = (self._intents, self._refunds, self._disputes, self._events)
        for step, ((doing, asked), take) in enumerate(zip(_STEPS, takes, strict=True), start=1):
            self._so_far = replace(self._so_far, doing=doing, step=step)
            take(asked)
        self.end(None)
        return self._so_far

    def end(self, problem: str | None) -> None:
        """Note how it ended."""
        read_budget.write_down(self._desk)
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
        """Page by page, and between two pages what we have and Stripe has not."""
        before: list[str] = []
        upper_at = self._until - LAG
        for page in self._pages(asked, self._until):
            self._look(partial(findings.of_intents, found=page.found))
            ids = [one.payment_intent_id for one in page.found]
            # The last second of a page may go on upon the next one.
            lower_at = (
                page.found[-1].created_at + timedelta(seconds=1) if page.has_more else self._since
            )
            if lower_at <= upper_at:
                self._look(
                    partial(
                        findings.of_absent,
                        listed=[*before, *ids],
                        first_at=lower_at,
                        last_at=upper_at,
                    )
                )
                upper_at = lower_at - timedelta(microseconds=1)
            before = ids

    def _refunds(self, asked: ListEndpoint[Any]) -> None:
        for page in self._pages(asked, self._until):
            self._look(partial(findings.of_refunds, found=page.found))

    def _disputes(self, asked: ListEndpoint[Any]) -> None:
        for page in self._pages(asked, self._until):
            self._look(partial(findings.of_disputes, found=page.found))

    def _events(self, asked: ListEndpoint[Any]) -> None:
        for page in self._pages(asked, self._until - LAG, types=LISTED_TYPES):
            with self._desk.store.reading() as session:
                missed = findings.events_that_never_came(session, self._desk, page.found)
            if not missed:
                continue
            self._budget.require()
            event_processing.store_events(self._desk, missed, listed=True)
            event_processing.handle_all_due(self._desk, give_way=self._held.keep_on)
            done = self._became_of(missed)
            for event in missed:
                named = event.object_id or event.event_id
                self._report("Event", named, findings.NOT_HERE, event.type, done[event.event_id])

    def _became_of(self, stored: Sequence[EventSnapshot]) -> dict[str, str]:
        """What to say of each event, by its id, now that all were tried."""
        ids = [event.event_id for event in stored]
        with self._desk.store.reading() as session:
            states = comparisons.states_of_events(session, account(self._desk), ids)
        elsewhere = (EventState.IGNORED, "It belongs to another account.")
        return {one: findings.of_stored(*states.get(one, elsewhere)) for one in ids}

    def _pages(
        self, asked: ListEndpoint[Any], until: datetime, types: tuple[str, ...] = ()
    ) -> Any:
        query = ListQuery(self._since, until, types=types)
        more = self._since <= until
        while more:
            self._held.keep_on()
            page: ListPage[Any] = self._ask(partial(self._desk.gateway.list_page, asked, query))
            yield page
            self._so_far = replace(self._so_far, objects=self._so_far.objects + len(page.found))
            self._progress(self._so_far)
            query = replace(query, after=page.last_id)
            more = page.has_more

    def _look(self, find: Callable[[Session, Desk], Sequence[Finding]]) -> None:
        with self._desk.store.reading() as session:
            found = find(session, self._desk)
        for finding in found:
            self._correct(finding)

    def _correct(self, finding: Finding) -> None:
        """Ask Stripe, apply, and report: unless ours was right, and the list an older view."""
        self._held.keep_on()
        before = self._state(finding)
        reads = self._desk.gateway.reads
        reads_before = reads.total
        try:
            self._budget.require()
            self._pace.ask(partial(bring, self._desk, finding.subject, finding.object_id))
        except (StripeUnavailable, ReadBudgetSpent):
            raise  # the next one would fare no better
        except RequestRefused as refused:
            if refused.code != "resource_missing":
                raise
            self._report_finding(finding, "Not changed. Stripe doesn't have it.")
        except CardpayError as why:
            self._report_finding(finding, f"Not applied. {why.what}")
        except Exception as error:  # noqa: BLE001 - one difference must not stop the others
            _log.warning("difference not corrected", kind=finding.kind, **failure(error))
            self._report_finding(
                finding, f"Not applied because of an error in cardpay ({type(error).__name__})."
            )
        else:
            if self._state(finding) != before:
                self._report_finding(finding, "Corrected.")
        finally:
            asked = reads.total - reads_before
            self._so_far = replace(self._so_far, reads=self._so_far.reads + asked)

    def _state(self, finding: Finding) -> object:
        with self._desk.store.reading() as session:
            return comparisons.state_of(session, account(self._desk), finding.object_id)

    def _report_finding(self, finding: Finding, done: str) -> None:
        self._report(finding.kind, finding.object_id, finding.ours, finding.theirs, done)

    def _report(self, kind: str, object_id: str, ours: str, theirs: str, done: str) -> None:
        self._so_far = replace(self._so_far, differences=self._so_far.differences + 1)
        with self._desk.store.transaction() as session:
            session.add(
                Discrepancy(
                    reconciliation_id=self._id,
                    kind=kind,
                    payment_id=comparisons.payment_of(session, account(self._desk), object_id),
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
        return self._pace.ask(read)

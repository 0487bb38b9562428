"""One run of a reconciliation: list by list, each difference corrected before the next."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from cardpay.domain.access.actor import Actor
from cardpay.domain.errors import CardpayError
from cardpay.domain.history.list_kinds import DifferenceKind
from cardpay.domain.history.reconciliation_rules import LAG, LINKS_CHANGE_FOR, PAYOUTS_CHANGE_FOR
from cardpay.domain.history.stripe_read_limits import REQUESTS_PER_SECOND
from cardpay.domain.stripe_facts.events import LISTED_TYPES, EventState, Subject
from cardpay.domain.stripe_facts.named_objects import object_id_of
from cardpay.domain.stripe_facts.snapshots import EventSnapshot
from cardpay.gateway import pagination
from cardpay.gateway.errors import ObjectUnreadable, RequestRefused, StripeUnavailable
from cardpay.gateway.pagination import ListEndpoint, ListPage, ListQuery, Unreadable
from cardpay.logs.logger import failure, get_logger
from cardpay.services.audit.record_act import Value, record
from cardpay.services.desk import Desk
from cardpay.services.history import read_budget
from cardpay.services.history import reconciliation_differences as differences
from cardpay.services.history.rate_limiter import RateLimiter
from cardpay.services.history.read_budget import ReadBudget, ReadBudgetSpent
from cardpay.services.history.reconciliation_differences import Difference
from cardpay.services.history.try_set_aside_again import try_set_aside_again
from cardpay.services.stripe_facts.apply_facts import Fact, apply_facts
from cardpay.services.stripe_facts.itemise_payouts import itemise_payouts
from cardpay.services.stripe_facts.set_aside import forget_set_aside, set_aside
from cardpay.services.webhooks import event_worker
from cardpay.services.webhooks.apply_event import retrieve_and_apply
from cardpay.services.webhooks.receive_event import store_events
from cardpay.storage.database.engine import Session
from cardpay.storage.database.lease import HeldLease
from cardpay.storage.history import reconciliation_reads
from cardpay.storage.payments import checkout_links
from cardpay.storage.schema.tables import Discrepancy, Reconciliation

_log = get_logger(__name__)

_STEPS: tuple[tuple[str, ListEndpoint[Any]], ...] = (
    ("Payments", pagination.PAYMENT_INTENTS_WITH_CHARGE),
    ("Refunds", pagination.REFUNDS),
    ("Disputes", pagination.DISPUTES),
    ("Payouts", pagination.PAYOUTS),
    ("Stripe balance", pagination.BALANCE_TRANSACTIONS),
    ("Payment links", pagination.CHECKOUT_SESSIONS),
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
        takes = (
            self._intents,
            self._refunds,
            self._disputes,
            self._payouts,
            self._balance,
            self._links,
            self._events,
        )
        try_set_aside_again(self._desk, self._ask)
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
        """Page by page; and between the pages' times the payments that Stripe does not list."""
        listed: set[str] = set()
        last_second: set[str] = set()
        upper_at = self._until - LAG
        for page, asked_at in self._pages(asked, self._since, self._until):
            self._compare(Subject.PAYMENT_INTENT, page.found, asked_at)
            listed |= {one.payment_intent_id for one in page.found}
            listed |= {one.object_id for one in page.unreadable}
            if page.has_more and not page.found:
                continue
            # The last second of a page may continue on the next one.
            lower_at = self._since
            if page.has_more:
                ended_at = page.found[-1].created_at
                lower_at = ended_at + timedelta(seconds=1)
                last_second = {
                    one.payment_intent_id for one in page.found if one.created_at == ended_at
                } | (last_second if page.found[0].created_at == ended_at else set())
            if lower_at <= upper_at:
                self._correct_all(
                    partial(
                        differences.missing_at_stripe,
                        listed=listed,
                        first_at=lower_at,
                        last_at=upper_at,
                    )
                )
                upper_at = lower_at - timedelta(microseconds=1)
                listed = set(last_second)

    def _refunds(self, asked: ListEndpoint[Any]) -> None:
        for page, asked_at in self._pages(asked, self._since, self._until):
            self._compare(Subject.REFUND, page.found, asked_at)

    def _disputes(self, asked: ListEndpoint[Any]) -> None:
        for page, asked_at in self._pages(asked, self._since, self._until):
            self._compare(Subject.DISPUTE, page.found, asked_at)

    def _payouts(self, asked: ListEndpoint[Any]) -> None:
        """Those of the days before, too: a payout changes until the bank has it, or refuses it."""
        for page, asked_at in self._pages(asked, self._since - PAYOUTS_CHANGE_FOR, self._until):
            self._compare(Subject.PAYOUT, page.found, asked_at)
        itemise_payouts(self._desk, self._actor, self._ask)

    def _balance(self, asked: ListEndpoint[Any]) -> None:
        """What moved the balance, whoever made it: Stripe's fees, and what is no payment's."""
        for page, asked_at in self._pages(asked, self._since, self._until - LAG):
            with self._desk.store.transaction() as session:
                missed = differences.missing_in_balance(session, self._desk, page.found)
                facts = [Fact(one, asked_at) for one in missed]
                apply_facts(session, self._desk, self._actor, facts)
                forget_set_aside(session, self._desk, page.found)
            for one in missed:
                self._report(
                    DifferenceKind.FEE,
                    one.balance_transaction_id,
                    differences.NOT_HERE,
                    differences.stated(one.type, one.gross_minor, one.currency),
                    "Corrected.",
                )

    def _links(self, asked: ListEndpoint[Any]) -> None:
        """Those of the day before, too, which may have ended since; none if no link was made."""
        since = self._since - LINKS_CHANGE_FOR
        with self._desk.store.reading() as session:
            is_used = checkout_links.has_any_since(session, self._desk.account.key, since)
        if is_used:
            for page, asked_at in self._pages(asked, since, self._until):
                self._compare(Subject.CHECKOUT_SESSION, page.found, asked_at)

    def _events(self, asked: ListEndpoint[Any]) -> None:
        until = self._until - LAG
        for page, _ in self._pages(asked, self._since, until, types=LISTED_TYPES):
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
            states = reconciliation_reads.states_of_events(session, self._desk.account.key, ids)
        elsewhere = (EventState.IGNORED, "It belongs to another account.")
        return {one: differences.event_outcome(*states.get(one, elsewhere)) for one in ids}

    def _pages(
        self,
        asked: ListEndpoint[Any],
        since: datetime,
        until: datetime,
        types: tuple[str, ...] = (),
    ) -> Iterator[tuple[ListPage[Any], datetime]]:
        """The pages of a list, each with the time when it was asked for."""
        query = ListQuery(since, until, types=types)
        more = since <= until
        while more:
            self._lease.renew()
            asked_at = self._desk.now()
            page: ListPage[Any] = self._ask(partial(self._desk.gateway.list_page, asked, query))
            if page.unreadable:
                with self._desk.store.transaction() as session:
                    set_aside(session, self._desk, page.unreadable)
            yield page, asked_at
            self._so_far = replace(self._so_far, objects=self._so_far.objects + len(page.found))
            self._progress(self._so_far)
            query = query.following(page)
            more = page.has_more

    def _compare(self, subject: Subject, found: Sequence[Any], asked_at: datetime) -> None:
        """What does not differ was read well all the same."""
        differed = self._correct_all(
            partial(differences.in_page, subject=subject, found=found, asked_at=asked_at)
        )
        ids = {one.object_id for one in differed}
        same = [one for one in found if object_id_of(one) not in ids]
        with self._desk.store.transaction() as session:
            forget_set_aside(session, self._desk, same)

    def _correct_all(
        self, find: Callable[[Session, Desk], Sequence[Difference]]
    ) -> Sequence[Difference]:
        with self._desk.store.reading() as session:
            found = find(session, self._desk)
        for difference in found:
            self._correct(difference)
        return found

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
        except ObjectUnreadable as why:
            with self._desk.store.transaction() as session:
                unread = Unreadable(difference.subject, difference.object_id, why.reason)
                set_aside(session, self._desk, [unread])
            self._report_difference(difference, f"Set aside. {why.reason}")
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
                session, self._desk.account.key, difference.object_id
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
                        session, self._desk.account.key, object_id
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

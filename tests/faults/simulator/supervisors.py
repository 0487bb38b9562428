"""Supervisors: they capture holds, give money back, and decide what waits for a person."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from uuid import UUID

from cardpay.domain.errors import AskedTooOften, CardpayError, NotRefundable
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.payment.refund import REFUND_REASONS
from cardpay.services.after_payment import captures, refunds
from cardpay.services.history import begin_reconciliation
from cardpay.services.recovery import review
from cardpay.services.taking.cancel_payment import cancel_payment
from cardpay.services.taking.payment_view import PaymentView, find
from cardpay.services.webhooks import event_worker
from tests.faults.simulator.desk_world import Asked, DeskWorld
from tests.faults.simulator.fault_coverage import RETRIED_EVENT
from tests.faults.simulator.scheduler import Killed, Process
from tests.support.desks.worlds import SUPERVISOR

_LOOKS = 8
_LOOK_SECONDS = 300.0
_GLANCES = 100
_GLANCE_SECONDS = 15.0


def come(world: DeskWorld) -> None:
    """A few of them in the course of the hour."""
    chance = world.schedule.chance
    for _ in range(chance.randint(3 if world.met.aims_at("capture", "refund") else 0, 4)):
        process = chance.choice(world.processes)
        supervisor = Supervisor(world, process)
        world.schedule.at(chance.choice((300, 2400)) * chance.random(), supervisor.live, process)
    if chance.random() < 0.5:
        process = chance.choice(world.processes)
        watching = Supervisor(world, process)
        world.schedule.at(1200 * chance.random(), watching.watch_events, process)
    if chance.random() < 0.3:
        process = chance.choice(world.processes)
        world.schedule.at(2400 * chance.random(), lambda: reconcile(world), process)


def decide_everything(world: DeskWorld) -> None:
    """Somebody sits down at Operations and looks at all that waits there."""
    supervisor = Supervisor(world, world.processes[0])
    world.schedule.at(0, supervisor.decide)


def reconcile(world: DeskWorld) -> None:
    """Somebody presses "Reconcile now", for the time since the desk was opened."""
    with suppress(CardpayError):
        begin_reconciliation.reconcile(world.desk, SUPERVISOR, since=world.opened_at)


@dataclass
class Supervisor:
    """One supervisor at one browser tab. It is reloaded when its server dies under it."""

    world: DeskWorld
    process: Process
    reloads: int = 3

    def live(self) -> None:
        """Look at payments, one after the other, and do something about them."""
        try:
            self._live()
        except Killed:
            if self.reloads > 0:
                process = self._chance.choice(self.world.processes)
                again = Supervisor(self.world, process, self.reloads - 1)
                self.world.schedule.at(self._chance.random() * 60, again.live, process)
            raise

    def _live(self) -> None:
        for _ in range(self._chance.randint(1, 4)):
            seen = self._something_paid()
            if seen is not None:
                with suppress(CardpayError):
                    self._act(seen)
            if self._chance.random() < 0.2:
                self.decide()
            self.world.schedule.sleep(self._chance.choice((1, 30, 300)) * self._chance.random())

    def decide(self) -> None:
        """Try again, or give up, each operation that waits for a person.

        Whoever is told meanwhile that nothing can be refunded any more gives up.
        """
        for operation_id in self.world.store.waiting():
            answers = (review.retry_operation, review.dismiss_operation)
            answer = self._chance.choice(answers)
            with suppress(CardpayError):
                try:
                    answer(self.world.desk, SUPERVISOR, operation_id)
                except NotRefundable:
                    review.dismiss_operation(self.world.desk, SUPERVISOR, operation_id)

    def watch_events(self) -> None:
        """Press "Retry" on Operations beside each event that could not be applied."""
        for _ in range(_GLANCES):
            for event_row_id in self.world.store.failed_events():
                self.world.met.note(RETRIED_EVENT)
                self._retry(event_row_id)
            self.world.schedule.sleep(_GLANCE_SECONDS)

    def _retry(self, event_row_id: int) -> None:
        try:
            event_worker.retry(self.world.desk, SUPERVISOR, event_row_id)
        except AskedTooOften as refused:
            self.world.schedule.sleep(refused.seconds)

    def _something_paid(self) -> PaymentView | None:
        """A payment that something can be done about, perhaps after waiting for one."""
        for _ in range(_LOOKS):
            if paid := self.world.store.held() or self.world.store.paid():
                return find(self.world.desk, self._chance.choice(paid))
            self.world.schedule.sleep(_LOOK_SECONDS * self._chance.random())
        return None

    def _act(self, seen: PaymentView) -> None:
        if seen.display is DisplayStatus.AUTHORISED:
            if self._chance.random() < 0.2:
                cancel_payment(self.world.desk, SUPERVISOR, seen.payment_id)
            else:
                self._capture(seen)
        elif seen.display is DisplayStatus.SUCCEEDED:
            self._refund(seen)

    def _capture(self, seen: PaymentView) -> None:
        submission_id = self._submission()
        total = seen.total.amount_minor
        asked = self._chance.choice((None, self._chance.randint(1, total)))
        self.world.asked_captures.append(Asked(seen.payment_id, asked or total))
        self._press(
            lambda: captures.capture_payment(
                self.world.desk, SUPERVISOR, seen.payment_id, asked, submission_id
            )
        )

    def _refund(self, seen: PaymentView) -> None:
        submission_id = self._submission()
        total = seen.total.amount_minor
        asked = self._chance.choice((total, self._chance.randint(1, total)))
        reason = self._chance.choice(REFUND_REASONS)
        self.world.asked_refunds.append(Asked(seen.payment_id, asked))
        self._press(
            lambda: refunds.refund_payment(
                self.world.desk, SUPERVISOR, seen.payment_id, asked, reason, submission_id
            )
        )

    def _press(self, press: Callable[[], object]) -> None:
        """Once, or by a double click."""
        if self._chance.random() < 0.3:

            def again() -> None:
                with suppress(CardpayError):
                    press()

            process = self._chance.choice(self.world.processes)
            self.world.schedule.at(self._chance.random(), again, process)
        press()

    def _submission(self) -> str:
        return str(UUID(int=self._chance.getrandbits(128)))

    @property
    def _chance(self) -> Random:
        return self.world.schedule.chance

"""What each process of the desk does by itself: it recovers, receives and works through events."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from cardpay.domain.errors import CardpayError
from cardpay.services.history import periodic_reconciliation
from cardpay.services.recovery import recovery_task
from cardpay.services.webhooks import event_worker
from cardpay.services.webhooks.receive_event import receive_event
from tests.faults.simulator.desk_world import DeskWorld
from tests.faults.simulator.fault_coverage import SCHEDULED
from tests.faults.simulator.scheduler import Killed, Process

UNPAID_FOR = timedelta(hours=24)
_ROUND_SECONDS = 60.0
_RESTART_SECONDS = (5.0, 5.0, 1200.0)
# A recovery task that finds nothing to do is left out most times, to save time.
_IDLE_ROUNDS = 0.01


def start(world: DeskWorld) -> None:
    """Start all of it in every process."""
    world.delivery.receive = lambda body, signature: receive(world, body, signature)
    for process in world.processes:
        for work in (recover, apply_payload, ask_about, compare):
            machine = Machine(world, process, work)
            seconds = world.schedule.chance.random() * _ROUND_SECONDS
            world.schedule.at(seconds, machine.run, process, unwatched=True)


@dataclass
class Machine:
    """One thread of a process. It starts again some time after the process has died."""

    world: DeskWorld
    process: Process
    work: Callable[[DeskWorld], None]

    def run(self) -> None:
        """Work, wait, work."""
        try:
            while True:
                self.work(self.world)
                self.world.schedule.sleep(_ROUND_SECONDS)
        except Killed:
            seconds = self.world.schedule.chance.choice(_RESTART_SECONDS)
            self.world.schedule.at(seconds, self.run, self.process, unwatched=True)
            raise


def recover(world: DeskWorld) -> None:
    """One round of the recovery task."""
    busy = world.store.has_unfinished() or world.is_late
    if busy or world.schedule.chance.random() < _IDLE_ROUNDS:
        recovery_task.recover_all(world.desk, UNPAID_FOR)


def apply_payload(world: DeskWorld) -> None:
    """One round of the worker that asks nothing; it wakes the one that does."""
    if world.store.has_due_events("received"):
        event_worker.process_received(world.desk)
        _wake(world, ask_about)


def ask_about(world: DeskWorld) -> None:
    """One round of the worker that asks Stripe."""
    if world.store.has_due_events("needs_retrieve", "failed"):
        event_worker.process_retrievals(world.desk)


def compare(world: DeskWorld) -> None:
    """One look at the schedule of comparisons."""
    pause, last_at = world.reconcile_every, world.store.last_compared_at()
    if pause is None or (last_at is not None and world.schedule.now() - last_at < pause):
        return  # it would find that nothing is due
    world.met.note(SCHEDULED)
    with suppress(CardpayError):
        periodic_reconciliation.reconcile_when_due(world.desk, pause)


def receive(world: DeskWorld, body: bytes, signature: str) -> int:
    """What the route does: store, answer, wake the worker."""
    receive_event(world.desk, world.connection.sandbox.webhook_secret, body, signature)
    _wake(world, apply_payload)
    return 200


def _wake(world: DeskWorld, work: Callable[[DeskWorld], None]) -> None:
    chance = world.schedule.chance
    world.schedule.at(
        chance.choice((0.1, 0.1, 5.0)) * chance.random(),
        lambda: work(world),
        chance.choice(world.processes),
        unwatched=True,
    )

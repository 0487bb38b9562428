"""What each process of the desk does by itself: it recovers, receives and works through events."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from cardpay.services import recovering, webhooks
from tests.faults.desk_world import DeskWorld
from tests.faults.schedule import Killed, Process

UNPAID_FOR = timedelta(hours=24)
_ROUND_SECONDS = 60.0
_RESTART_SECONDS = (5.0, 5.0, 1200.0)
# A recoverer that finds nothing to do is left out most times, to save time.
_IDLE_ROUNDS = 0.01


def start(world: DeskWorld) -> None:
    """Start all of it in every process."""
    world.postman.receive = lambda body, signature: receive(world, body, signature)
    for process in world.processes:
        for work in (recover, work_through_events):
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
    """One round of the recoverer."""
    busy = world.store.has_unfinished() or world.is_late
    if busy or world.schedule.chance.random() < _IDLE_ROUNDS:
        recovering.recover(world.desk, UNPAID_FOR)


def work_through_events(world: DeskWorld) -> None:
    """One round of the worker."""
    if world.store.has_due_events():
        webhooks.handle_all_due(world.desk)


def receive(world: DeskWorld, body: bytes, signature: str) -> int:
    """What the route does: store, answer, wake the worker."""
    chance, secret = world.schedule.chance, world.line.sandbox.webhook_secret
    webhooks.receive(world.desk, secret, body, signature)
    world.schedule.at(
        chance.choice((0.1, 0.1, 5.0)) * chance.random(),
        lambda: work_through_events(world),
        chance.choice(world.processes),
        unwatched=True,
    )
    return 200

"""Many actors in one thread, on a clock of their own, and the deaths of their processes.

Each actor is a greenlet that hands over wherever another could come between: before and after
every transaction and every call. Who goes on is decided by the seed alone, so that a run can
be repeated.
"""

import heapq
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from greenlet import (  # type: ignore[import-untyped]
    GreenletExit,
    getcurrent,
    greenlet,
)

_LONGEST_STEP_SECONDS = 0.05  # what a transaction or a step in the program takes
_TICK = timedelta(microseconds=100)


class Killed(BaseException):
    """The process is gone. No handler in the product catches it, as none runs after a kill."""


@dataclass
class Process:
    """What dies at once. `lives` counts its starts."""

    name: str
    lives: int = 1


@dataclass(order=True)
class _Waiting:
    at: datetime
    place: float
    actor: greenlet = field(compare=False)


class _Actor(greenlet):  # type: ignore[misc]  # the import has no types
    """One thread of a process."""

    process: Process | None = None
    life = 0
    unwatched = False

    @property
    def is_dead(self) -> bool:
        return self.process is not None and self.process.lives != self.life


def refuse_the_dead() -> None:
    """Killed for whoever goes on after its process has died, as in a `finally`."""
    actor = getcurrent()
    if isinstance(actor, _Actor) and actor.is_dead:
        raise Killed


class Schedule:
    """The clock and the queue of those who wait for their turn."""

    def __init__(self, chance: Random, *, kill_rate: float) -> None:
        """`kill_rate`: how likely a process dies at one point where it may."""
        self.chance = chance
        self.kill_rate = kill_rate
        self.kills = 0
        self.in_transaction = False  # there is one connection: then nobody else is let in
        self._now = datetime(2024, 2, 29, 12, tzinfo=UTC)
        self._queue: list[_Waiting] = []
        self._main = getcurrent()
        self.failures: list[BaseException] = []

    def now(self) -> datetime:
        """It moves a little at each look, as time does."""
        self._now += _TICK
        return self._now

    def monotonic(self) -> float:
        """The time as `time.monotonic` tells it: the schedule can stand in for that module."""
        return self.now().timestamp()

    def at(
        self,
        seconds: float,
        act: Callable[[], object],
        process: Process | None = None,
        *,
        unwatched: bool = False,
    ) -> None:
        """Let `act` begin so much later, as an actor of a process or of the world outside.

        `unwatched`: nobody sits in front of what it does.
        """
        actor = _Actor(lambda: self._run(act))
        actor.process = process
        actor.life = process.lives if process else 0
        actor.unwatched = unwatched
        self._wait(actor, seconds)

    def sleep(self, seconds: float) -> None:
        """Let others go on for a while; Killed if the process died meanwhile."""
        if self.in_transaction:
            self._now += timedelta(seconds=seconds)
            return
        actor = getcurrent()
        assert isinstance(actor, _Actor)
        self._wait(actor, seconds)
        self._main.switch()
        if actor.is_dead:
            raise Killed

    def step(self, *, surely: bool = False) -> None:
        """A place where another may come between, or the process may die."""
        self.die_perhaps(surely=surely)
        if self.in_actor:
            self.sleep(self.chance.random() * _LONGEST_STEP_SECONDS)

    def die_perhaps(self, *, surely: bool = False) -> None:
        """Kill the actor's whole process, as the seed decides."""
        actor = getcurrent()
        process = actor.process if isinstance(actor, _Actor) else None
        if process is not None and (surely or self.chance.random() < self.kill_rate):
            process.lives += 1
            self.kills += 1
            raise Killed

    @contextmanager
    def inside(self, process: Process) -> Iterator[None]:
        """Let whoever acts now be a part of a process for a while, and Killed when that dies."""
        actor = getcurrent()
        assert isinstance(actor, _Actor)
        before = actor.process, actor.life, actor.unwatched
        actor.process, actor.life, actor.unwatched = process, process.lives, True
        try:
            yield
        finally:
            actor.process, actor.life, actor.unwatched = before

    @property
    def in_actor(self) -> bool:
        """Whether an actor asks, not the test itself."""
        return isinstance(getcurrent(), _Actor)

    @property
    def is_unwatched(self) -> bool:
        """Whether whoever acts now has nobody in front of it."""
        actor = getcurrent()
        return isinstance(actor, _Actor) and actor.unwatched

    def run(self, until: datetime | None = None) -> None:
        """Let everybody act, in the order of time, until nobody waits or it is `until`."""
        while self._queue and (until is None or self._queue[0].at <= until):
            waiting = heapq.heappop(self._queue)
            self._now = max(self._now, waiting.at)
            waiting.actor.switch()
            if self.failures:
                raise self.failures[0]

    def jump(self, by: timedelta) -> None:
        """Nobody acts for so long; whoever should have does so at the next `run`."""
        self._now += by

    def stop(self) -> None:
        """Send everybody home who still waits."""
        while self._queue:
            actor = heapq.heappop(self._queue).actor
            if actor:  # it has begun
                actor.throw()

    def _wait(self, actor: greenlet, seconds: float) -> None:
        at = self._now + timedelta(seconds=seconds)
        heapq.heappush(self._queue, _Waiting(at, self.chance.random(), actor))

    def _run(self, act: Callable[[], object]) -> None:
        try:
            act()
        except (Killed, GreenletExit):
            pass
        except BaseException as error:  # noqa: BLE001 - told to whoever runs the schedule
            self.failures.append(error)

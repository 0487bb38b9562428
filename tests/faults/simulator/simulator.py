"""Desk, recovery_task, webhooks and Stripe together, with every fault and every death, by seed.

`python -m tests.faults.simulator.simulator --seed N` repeats one run, `--seeds N` tries many:
`--first N` from there on, `--processes 2` on two cores, `--postgresql` on a server of its own.
A seed may tell another story on PostgreSQL than on SQLite.
"""

import argparse
import gc
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from random import Random

from tests.faults.invariants.payments import violations
from tests.faults.seed_runner import seed_runner
from tests.faults.simulator import (
    agents,
    background_processes,
    banks,
    stripe_dashboard,
    supervisors,
)
from tests.faults.simulator.desk_world import DeskWorld, desk_world
from tests.faults.simulator.fault_coverage import EVERYTHING, SET_ASIDE, aims_of
from tests.support.databases import compiled_statements

# Everybody has left by then, and the last late request has arrived.
_BUSY = timedelta(hours=1)
# Without further faults, recovery needs its waits and a few of its minutes.
_QUIET = timedelta(minutes=20)
# The last webhook has come, unpaid payments have ended, and Stripe may have forgotten keys; in
# some runs holds have run out, too.
_LATER = (timedelta(hours=26), timedelta(hours=26), timedelta(days=8))
_JUMPS = 5
_CALM_JUMPS = 2  # the last ones: time for what went wrong before to be put right
_COMPARED = timedelta(minutes=5)  # time for a comparison and for the events that it brings
_AFTER_A_JUMP = timedelta(seconds=70)
_TELL_EVERY = 100  # seeds
_DECISIONS = 6  # a person may have to look twice, as Stripe may not show an outcome at once


@dataclass(frozen=True)
class Run:
    """What one seed did, and what was wrong afterwards."""

    seed: int
    violations: tuple[str, ...]
    payments: int
    charges: int
    calls: int
    kills: int
    met: Counter[str]  # see `fault_coverage`
    story: str  # tells two runs apart that differ in anything

    @property
    def replay(self) -> str:
        """How to see it again."""
        return f"python -m tests.faults.simulator.simulator --seed {self.seed}"

    @property
    def broken(self) -> set[str]:
        """The names of the invariants that do not hold."""
        return {line.partition(":")[0] for line in self.violations}

    def __str__(self) -> str:
        facts = (
            f"seed {self.seed}: {self.payments} payments, {self.charges} charges, "
            f"{self.calls} writes, {self.kills} kills"
        )
        return "\n".join([facts, *(f"  VIOLATED {line}" for line in self.violations)])


def simulate(seed: int, postgresql_url: str | None = None) -> Run:
    """One run from its first order until nothing moves any more.

    On an SQLite database in memory, unless a migrated one on PostgreSQL is given, without rows.
    """
    with desk_world(Random(seed), aims_of(seed), postgresql_url) as world:
        background_processes.start(world)
        agents.come(world)
        supervisors.come(world)
        stripe_dashboard.come(world)
        banks.come(world)
        _pass(world, _BUSY)
        world.calm_down()
        _pass(world, _QUIET)
        if world.schedule.chance.random() < 0.5:  # else it waits until keys are forgotten
            _decide(world)
        _update(world)
        _let_hours_pass(world, world.schedule.chance.choice(_LATER))
        _decide(world)
        _reconcile(world)
        world.schedule.stop()
        return Run(
            seed=seed,
            violations=violations(world),
            payments=len(world.store.said),
            charges=len(world.record.charges),
            calls=len(world.connection.writes),
            kills=world.schedule.kills,
            met=world.met.counted,
            story=sha256(repr((world.connection.writes, world.store.said)).encode()).hexdigest(),
        )


def _pass(world: DeskWorld, time: timedelta) -> None:
    world.schedule.run(world.schedule.now() + time)


def _let_hours_pass(world: DeskWorld, time: timedelta) -> None:
    world.is_late = True
    for left in reversed(range(_JUMPS)):
        world.schedule.jump(time / _JUMPS)
        banks.go_on(world)
        # Payouts come in these days, and have to meet what can go wrong, too.
        is_rough = world.has_busy_banks and left >= _CALM_JUMPS
        with world.rough() if is_rough else nullcontext():
            _pass(world, _AFTER_A_JUMP)
    world.is_late = False


def _update(world: DeskWorld) -> None:
    """Compare what this version cannot read, and install one that can."""
    if not world.unknown_forms.forms:
        return
    world.schedule.at(0, lambda: supervisors.reconcile(world))
    _pass(world, _COMPARED)
    if world.store.set_aside():
        world.met.note(SET_ASIDE)
    world.not_set_aside = world.unknown_forms.unreadable - world.store.set_aside()
    world.update()


def _decide(world: DeskWorld) -> None:
    """A person decides whatever waits for one."""
    for _ in range(_DECISIONS):
        if not world.store.waiting():
            return
        supervisors.decide_everything(world)
        _pass(world, _QUIET)


def _reconcile(world: DeskWorld) -> None:
    """Compare all of it, for what no webhook has told; then once more, to find nothing."""
    for _ in range(2):
        world.schedule.at(0, lambda: supervisors.reconcile(world))
        _pass(world, _COMPARED)


def main(arguments: Sequence[str]) -> int:
    """Try seeds; the exit status says whether all was right."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.simulator.simulator")
    parser.add_argument("--seed", type=int, help="repeat this one")
    parser.add_argument("--seeds", type=int, default=300, help="try so many")
    parser.add_argument("--first", type=int, default=0, help="begin with this one")
    parser.add_argument("--processes", type=int, default=1, help="share them among so many")
    parser.add_argument("--postgresql", action="store_true", help="on a server of its own")
    chosen = parser.parse_args(arguments)
    # What was imported stays to the end: to go through it again and again takes time.
    gc.set_threshold(100_000, 20, 100)
    compiled_statements.share()
    one = chosen.seed is not None
    first, count = (chosen.seed, 1) if one else (chosen.first, chosen.seeds)
    total = Total(first, count, shows_each=one)
    with seed_runner(simulate, 1 if one else chosen.processes, chosen.postgresql) as run_each:
        for run in run_each(range(first, first + count)):
            total.add(run)
    total.show()
    return 1 if total.wrong else 0


@dataclass
class Total:
    """What all seeds did, shown as they end, in their order."""

    first: int
    count: int
    shows_each: bool
    done: int = 0
    wrong: int = 0
    violations: int = 0
    charges: int = 0
    kills: int = 0
    met: Counter[str] = field(default_factory=Counter)
    began: float = field(default_factory=time.monotonic)

    def add(self, run: Run) -> None:
        """One more."""
        self.done += 1
        self.wrong += bool(run.violations)
        self.violations += len(run.violations)
        self.charges += run.charges
        self.kills += run.kills
        self.met += run.met
        if self.shows_each or run.violations:
            sys.stdout.write(f"{run}\n")
        if run.violations:
            sys.stdout.write(f"  again: {run.replay}\n")
        if self.done % _TELL_EVERY == 0 and self.done < self.count:
            sys.stdout.write(f"{self}; to go on from here: --first {self.first + self.done}\n")
        sys.stdout.flush()

    def show(self) -> None:
        """The end of it."""
        if not self.shows_each and (missed := EVERYTHING - self.met.keys()):
            sys.stdout.write(f"never met: {', '.join(sorted(missed))}\n")
        sys.stdout.write(f"{self}\n")

    def __str__(self) -> str:
        return (
            f"{self.done} of {self.count} seeds from {self.first}: {self.charges} charges, "
            f"{self.kills} kills, {self.violations} violations in {self.wrong} seeds, "
            f"{time.monotonic() - self.began:.0f} s"
        )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

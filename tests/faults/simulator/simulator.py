"""Desk, recovery_task, webhooks and Stripe together, with every fault and every death, by seed.

`python -m tests.faults.simulator.simulator --seed N` repeats one run, `--seeds N` tries many.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from random import Random

from tests.faults.invariants.payments import violations
from tests.faults.simulator import (
    agents,
    background_processes,
    banks,
    stripe_dashboard,
    supervisors,
)
from tests.faults.simulator.desk_world import DeskWorld, desk_world
from tests.faults.simulator.fault_coverage import EVERYTHING, SET_ASIDE, aims_of

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


def simulate(seed: int) -> Run:
    """One run from its first order until nothing moves any more."""
    with desk_world(Random(seed), aims_of(seed)) as world:
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
    chosen = parser.parse_args(arguments)
    one = chosen.seed is not None
    first = chosen.seed if one else chosen.first
    began, wrong, charges, kills = time.monotonic(), 0, 0, 0
    met: Counter[str] = Counter()
    for seed in range(first, first + (1 if one else chosen.seeds)):
        run = simulate(seed)
        charges, kills = charges + run.charges, kills + run.kills
        met += run.met
        if one or run.violations:
            sys.stdout.write(f"{run}\n")
        if run.violations:
            wrong += 1
            sys.stdout.write(f"  again: {run.replay}\n")
    if not one and (missed := EVERYTHING - met.keys()):
        sys.stdout.write(f"never met: {', '.join(sorted(missed))}\n")
    sys.stdout.write(
        f"{wrong} seeds went wrong ({charges} charges, {kills} kills, "
        f"{time.monotonic() - began:.0f} s)\n"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

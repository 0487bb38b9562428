"""Turns of the contenders: who took how many events a second, and how long each waited."""

import json
import statistics
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.benchmarks import printed
from tests.benchmarks.ingest import load
from tests.benchmarks.ingest.contenders import (
    WEBHOOK_SECRET,
    Contender,
    Receiver,
    Surroundings,
)

AT_ONCE = (1, 10, 50)
# What the peers' rates are multiplied by to get the least that is aimed at, for each AT_ONCE.
AIMS = {"sync-engine": (0.7, 1.0, 1.0), "dj-stripe": (30.0, 30.0, 30.0)}
WARM_UP = 100
_DRAIN_SECONDS = 300.0


@dataclass(frozen=True)
class Measured:
    """One turn of one contender: rates in events a second, times in milliseconds.

    `applied_per_second` counts until the last event was applied, where that comes after the
    answer.
    """

    contender: str
    at_once: int
    events: int
    per_second: float
    p50: float
    p99: float
    applied_per_second: float


class Fault(RuntimeError):
    """A contender did not take every event: its rate says nothing."""


@dataclass(frozen=True)
class Running:
    """A contender that runs, and the rows that it must have made of what it was sent."""

    contender: Contender
    receiver: Receiver
    rows: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Batches:
    """Events in a file; each is used once."""

    file: Path
    count: int

    def job(self, running: Running, batch: int, at_once: int) -> load.Job:
        """The n-th batch, after those of the warm-up."""
        return load.Job(
            running.receiver.url,
            WEBHOOK_SECRET,
            str(self.file),
            first=WARM_UP + batch * self.count,
            count=max(at_once, int(self.count * running.contender.share)),
            connections=at_once,
        )


def measure(
    contenders: Sequence[Contender], around: Surroundings, batches: Batches, rounds: int
) -> list[Measured]:
    """Start them all, let them take turns, stop them all."""
    found = []
    with ExitStack() as stack:
        running = []
        for contender in contenders:
            printed.tell(f"starting {contender.name}")
            running.append(Running(contender, stack.enter_context(contender.start(around))))
        for one in running:
            first = replace(batches.job(one, 0, 10), first=0)
            _take_turn(one, replace(first, count=min(first.count, WARM_UP)))
        for turn in range(rounds):
            for level, at_once in enumerate(AT_ONCE):
                for one in running[turn % len(running) :] + running[: turn % len(running)]:
                    batch = turn * len(AT_ONCE) + level
                    found.append(_take_turn(one, batches.job(one, batch, at_once)))
                    printed.tell(_line(found[-1]))
    return found


def _take_turn(running: Running, job: load.Job) -> Measured:
    contender, receiver = running.contender, running.receiver
    running.rows.update(receiver.row_of(json.loads(text)) for text in load.texts(job))
    answers = load.send(job)
    answered_at = time.perf_counter()
    if answers.statuses != {"200": job.count}:
        raise Fault(f"{contender.name} answered {answers.statuses}")
    if (rows := receiver.rows()) != len(running.rows):
        raise Fault(f"{contender.name} has {rows} rows instead of {len(running.rows)}")
    wait_until_applied(contender.name, receiver)
    return Measured(
        contender.name,
        job.connections,
        job.count,
        job.count / answers.seconds,
        statistics.median(answers.milliseconds),
        p99(answers.milliseconds),
        job.count / (answers.seconds + time.perf_counter() - answered_at),
    )


def wait_until_applied(name: str, receiver: Receiver) -> None:
    """Let it come to rest; Fault if it does not."""
    deadline = time.perf_counter() + _DRAIN_SECONDS
    while receiver.waiting():
        if time.perf_counter() > deadline:
            raise Fault(f"{name} has still not applied {receiver.waiting()} events")
        time.sleep(0.1)


def p99(milliseconds: Sequence[float]) -> float:
    """All but one in a hundred are shorter."""
    return statistics.quantiles(milliseconds, n=100, method="inclusive")[-1]


def medians(found: Sequence[Measured]) -> list[Measured]:
    """One for each contender and number at once."""
    kinds = dict.fromkeys((one.contender, one.at_once) for one in found)
    return [
        _median([one for one in found if (one.contender, one.at_once) == kind]) for kind in kinds
    ]


def _median(same: Sequence[Measured]) -> Measured:
    numbers = ("per_second", "p50", "p99", "applied_per_second")
    middle = {name: statistics.median(getattr(one, name) for one in same) for name in numbers}
    return replace(same[0], **middle)


def ratios(middle: Sequence[Measured]) -> dict[str, list[float]]:
    """How many times a peer's rate cardpay's is, for each AT_ONCE; of the peers that ran."""
    rate = {(one.contender, one.at_once): one.per_second for one in middle}
    return {
        peer: [rate["cardpay", at_once] / rate[peer, at_once] for at_once in AT_ONCE]
        for peer in dict.fromkeys(one.contender for one in middle)
        if peer != "cardpay" and ("cardpay", 1) in rate
    }


def _line(one: Measured) -> str:
    return (
        f"{one.contender:<14}{one.at_once:>8}{one.per_second:>12,.0f}{one.p50:>10.2f}"
        f"{one.p99:>10.2f}{one.applied_per_second:>12,.0f}"
    )


def report(found: Sequence[Measured]) -> tuple[list[str], dict[str, Any], bool]:
    """The table, what JSON gets, and whether everything that is aimed at was reached."""
    middle = medians(found)
    compared = ratios(middle)
    aims = {peer: aim for peer, aim in AIMS.items() if peer in compared}
    reached = {
        peer: all(is_at >= least for is_at, least in zip(compared[peer], aim, strict=True))
        for peer, aim in aims.items()
    }
    lines = [
        f"{'webhooks':<14}{'at once':>8}{'events/s':>12}{'p50 ms':>10}{'p99 ms':>10}"
        f"{'applied/s':>12}"
    ]
    lines += [_line(one) for one in middle]
    for peer, times in compared.items():
        aim = (
            f"  aimed at {aims[peer]}: {'yes' if reached[peer] else 'NO'}" if peer in aims else ""
        )
        lines.append(f"times {peer:<12}" + "".join(f"{factor:>8.2f}" for factor in times) + aim)
    printable = {
        "medians": [asdict(one) for one in middle],
        "rounds": [asdict(one) for one in found],
        "times": compared,
        "reached": reached,
    }
    return lines, printable, all(reached.values())

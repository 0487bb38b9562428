"""Whatever goes wrong, nothing is lost and nothing is charged twice."""

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from tests.faults.deliberate_bugs import BUGS, Bug
from tests.faults.invariants.payments import Invariant
from tests.faults.simulator.fault_coverage import EVERYTHING
from tests.faults.simulator.simulator import simulate

SEEDS = 300
PORTION = 5  # so that workers can share them; the first of them runs before a merge
CAUGHT_WITHIN = 200


@pytest.fixture
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of this run of the tests, one for all its workers."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "simulator"
    folder.mkdir(exist_ok=True)
    return folder


def _portions() -> Iterator[ParameterSet]:
    """The first seed of each; most are for a release."""
    for first in range(0, SEEDS, PORTION):
        marks = [pytest.mark.full] if first else []
        yield pytest.param(first, marks=marks, id=f"{first} and on")


@pytest.mark.parametrize("first", list(_portions()))
def test_no_seed_breaks_an_invariant(first: int, shared: Path) -> None:
    """Desk, recovery and Stripe under every fault and kill; the report says how to repeat it.

    Whichever portion is the last to end sees to it that together they met everything: for a
    release, since the few before a merge do not.
    """
    met: Counter[str] = Counter()
    for seed in range(first, first + PORTION):
        run = simulate(seed)
        assert not run.violations, f"{run}\nagain: {run.replay}"
        met += run.met
    unfinished = shared / f"{first}.part"
    unfinished.write_text(json.dumps(met))
    unfinished.rename(shared / f"{first}.json")
    ended = {int(file.stem): json.loads(file.read_text()) for file in shared.glob("*.json")}
    if len(ended) == SEEDS // PORTION:
        met_by_all = {name for portion in ended.values() for name in portion}
        assert met_by_all >= EVERYTHING, f"never met: {sorted(EVERYTHING - met_by_all)}"


def test_a_seed_tells_the_same_story_again() -> None:
    """Or a violation could not be looked into."""
    assert simulate(5) == simulate(5)


@pytest.mark.full
@pytest.mark.parametrize(("bug", "invariant"), BUGS, ids=lambda named: named.__name__)
def test_a_deliberate_bug_is_caught(bug: Bug, invariant: Invariant) -> None:
    """Each mistake shows within a few seeds, to the invariant that is there for it."""
    with bug():
        assert any(invariant.__name__ in simulate(seed).broken for seed in range(CAUGHT_WITHIN))

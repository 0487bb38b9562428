"""Whatever goes wrong, nothing is lost and nothing is charged twice."""

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from tests.faults.deliberate_bugs import BUGS, Bug
from tests.faults.invariants.payments import Invariant
from tests.faults.simulator.fault_coverage import EVERYTHING
from tests.faults.simulator.simulator import simulate

SEEDS = 300
BEFORE_A_MERGE = 60  # so many meet everything that can go wrong
PORTION = 20  # so that workers can share them
CAUGHT_WITHIN = 200


@pytest.fixture
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of this run of the tests, one for all its workers."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "simulator"
    folder.mkdir(exist_ok=True)
    return folder


def _simulated(first: int) -> Counter[str]:
    """What a portion of the seeds has met, none of which breaks an invariant."""
    met: Counter[str] = Counter()
    for seed in range(first, first + PORTION):
        run = simulate(seed)
        assert not run.violations, f"{run}\nagain: {run.replay}"
        met += run.met
    return met


@pytest.mark.parametrize("first", range(0, BEFORE_A_MERGE, PORTION))
def test_no_seed_breaks_an_invariant(first: int, shared: Path) -> None:
    """Desk, recovery and Stripe under every fault and kill; the report says how to repeat it.

    Whichever portion is the last to end sees to it that all of them together met everything.
    """
    unfinished = shared / f"{first}.part"
    unfinished.write_text(json.dumps(_simulated(first)))
    unfinished.rename(shared / f"{first}.json")
    ended = list(shared.glob("*.json"))
    if len(ended) == BEFORE_A_MERGE // PORTION:
        met_by_all = {name for file in ended for name in json.loads(file.read_text())}
        assert met_by_all >= EVERYTHING, f"never met: {sorted(EVERYTHING - met_by_all)}"


@pytest.mark.full
@pytest.mark.parametrize("first", range(BEFORE_A_MERGE, SEEDS, PORTION))
def test_no_more_seeds_break_an_invariant(first: int) -> None:
    """The same with other chances."""
    _simulated(first)


def test_a_seed_tells_the_same_story_again() -> None:
    """Or a violation could not be looked into."""
    assert simulate(5) == simulate(5)


@pytest.mark.parametrize(("bug", "invariant"), BUGS, ids=lambda named: named.__name__)
def test_a_deliberate_bug_is_caught(bug: Bug, invariant: Invariant) -> None:
    """Each mistake shows within a few seeds, to the invariant that is there for it."""
    with bug():
        assert any(invariant.__name__ in simulate(seed).broken for seed in range(CAUGHT_WITHIN))

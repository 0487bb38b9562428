"""Whatever goes wrong, nothing is lost and nothing is charged twice."""

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.faults.deliberate_bugs import BUGS, Bug
from tests.faults.invariants.payments import Invariant
from tests.faults.simulator.fault_coverage import EVERYTHING
from tests.faults.simulator.simulator import simulate

SEEDS = 300
PORTIONS = 6  # so that two workers can share them
CAUGHT_WITHIN = 200


@pytest.fixture
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder of this run of the tests, one for all its workers."""
    own = tmp_path_factory.getbasetemp()
    folder = (own if worker_id == "master" else own.parent) / "simulator"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.mark.parametrize("portion", range(PORTIONS))
def test_no_seed_breaks_an_invariant(portion: int, shared: Path) -> None:
    """Desk, recovery and Stripe under every fault and kill; the report says how to repeat it.

    Whichever portion is the last to end sees to it that all of them together met everything.
    """
    met: Counter[str] = Counter()
    for seed in range(portion, SEEDS, PORTIONS):
        run = simulate(seed)
        assert not run.violations, f"{run}\nagain: {run.replay}"
        met += run.met
    unfinished = shared / f"{portion}.part"
    unfinished.write_text(json.dumps(met))
    unfinished.rename(shared / f"{portion}.json")
    ended = list(shared.glob("*.json"))
    if len(ended) == PORTIONS:
        met_by_all = {name for file in ended for name in json.loads(file.read_text())}
        assert met_by_all >= EVERYTHING, f"never met: {sorted(EVERYTHING - met_by_all)}"


def test_a_seed_tells_the_same_story_again() -> None:
    """Or a violation could not be looked into."""
    assert simulate(5) == simulate(5)


@pytest.mark.parametrize(("bug", "invariant"), BUGS, ids=lambda named: named.__name__)
def test_a_deliberate_bug_is_caught(bug: Bug, invariant: Invariant) -> None:
    """Each mistake shows within a few seeds, to the invariant that is there for it."""
    with bug():
        assert any(invariant.__name__ in simulate(seed).broken for seed in range(CAUGHT_WITHIN))

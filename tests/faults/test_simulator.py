"""Whatever goes wrong, nothing is lost and nothing is charged twice."""

import pytest

from tests.faults.deliberate_bugs import BUGS, Bug
from tests.faults.simulator import simulate

SEEDS = 300
PORTIONS = 6  # so that two workers can share them
CAUGHT_WITHIN = 200


@pytest.mark.parametrize("portion", range(PORTIONS))
def test_no_seed_breaks_an_invariant(portion: int) -> None:
    """Desk, recovery and Stripe under every fault and kill; the report says how to repeat it."""
    for seed in range(portion, SEEDS, PORTIONS):
        run = simulate(seed)
        assert not run.violations, f"{run}\nagain: {run.replay}"


def test_a_seed_tells_the_same_story_again() -> None:
    """Or a violation could not be looked into."""
    assert simulate(5) == simulate(5)


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.__name__)
def test_a_deliberate_bug_is_caught(bug: Bug) -> None:
    """The simulator can fail: each mistake shows within a few seeds."""
    with bug():
        assert any(simulate(seed).violations for seed in range(CAUGHT_WITHIN))

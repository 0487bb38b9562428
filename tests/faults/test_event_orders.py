"""In whichever order the events of a payment arrive, the same rows are left."""

from itertools import permutations
from random import Random

import pytest

from cardpay.services.event_types import EventState
from tests.faults import event_stories
from tests.faults.event_orders import Lived, lived
from tests.faults.event_stories import STORIES, Story
from tests.support.rows import Facts

# Up to here every order is walked in every mode; longer stories in one, and sampled in others.
_SHORT = 6
_SAMPLE = 8

by_story = pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)


def _ends(made: Lived, *, all_orders: bool) -> list[Facts]:
    """What may be left in the end; all of it the same, and all told events handled."""
    if all_orders or len(made.events) <= _SHORT:
        ends = made.walk()
    else:
        chance = Random(0)
        orders = [chance.sample(made.events, len(made.events)) for _ in range(_SAMPLE)]
        ends = [made.arrive_in(order) for order in orders]
    assert all(end == ends[0] for end in ends)
    assert made.states() == {EventState.HANDLED}
    return ends


@by_story
def test_made_elsewhere(story: Story) -> None:
    """The desk knows nothing but events: from all of them it knows all that Stripe knows."""
    with lived(story, elsewhere=True) as made:
        end = _ends(made, all_orders=True)[0]
        made.agrees_with_stripe()
        assert made.handle_all_again() == end


@by_story
def test_taken_at_the_desk(story: Story) -> None:
    """The answers came first; events add the fee, and take nothing back."""
    with lived(story) as made:
        end = _ends(made, all_orders=False)[0]
        made.agrees_with_stripe()
        assert made.handle_all_again() == end


@by_story
def test_in_distinct_seconds(story: Story) -> None:
    """Times play no part, as they are told in whole seconds."""
    with lived(story, pause_seconds=1, elsewhere=True) as made:
        _ends(made, all_orders=False)
        made.agrees_with_stripe()


@by_story
def test_in_an_old_api_version(story: Story) -> None:
    """Stripe is asked instead, about each object."""
    with lived(story, old_version=True, elsewhere=True) as made:
        _ends(made, all_orders=False)
        made.agrees_with_stripe()


@pytest.mark.parametrize("elsewhere", [True, False], ids=["elsewhere", "at the desk"])
def test_the_walk_finds_what_the_whole_orders_do(*, elsewhere: bool) -> None:
    """All 24 orders of the shortest story, one after the other."""
    with lived(event_stories.success, elsewhere=elsewhere) as made:
        walked = made.walk()
        assert all(made.arrive_in(order) == walked[0] for order in permutations(made.events))
        assert made.states() == {EventState.HANDLED}

"""In whichever order the events of a payment arrive, the same rows are left."""

from itertools import permutations
from random import Random

import pytest

from tests.faults.events import event_stories
from tests.faults.events.event_orders import Lived, lived
from tests.faults.events.event_stories import STORIES, Story

_SAMPLE = 3

by_story = pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
# A payout brings so many events that its walk takes as long as all the others together.
_LONG = {event_stories.paid_out, event_stories.payout_that_fails}
_AT_THE_DESK_BEFORE_A_MERGE: set[Story] = {
    event_stories.success,
    event_stories.slow_refund,
    event_stories.dispute,
}


def _by_story(before_a_merge: set[Story]) -> pytest.MarkDecorator:
    """These stories before a merge, all of them for a release."""
    return pytest.mark.parametrize(
        "story",
        [
            pytest.param(
                story,
                id=story.__name__,
                marks=[] if story in before_a_merge else [pytest.mark.full],
            )
            for story in STORIES
        ],
    )


by_story_elsewhere = _by_story(set(STORIES) - _LONG)
by_story_at_the_desk = _by_story(_AT_THE_DESK_BEFORE_A_MERGE)


def _ends_as_at_stripe(made: Lived) -> None:
    """All orders leave the same rows, and these agree with Stripe.

    A few whole orders watch over the walk, which leaves out what an event cannot depend on.
    """
    ends = made.walk()
    end = next(iter(ends.values()))
    for way, facts in ends.items():
        assert facts == end, way
    chance = Random(0)
    for _ in range(_SAMPLE):
        order = chance.sample(made.events, len(made.events))
        assert made.arrive_in(order) == end, [event.type for event in order]
    made.agrees_with_stripe()


@pytest.mark.sampled(4)
@by_story_elsewhere
def test_made_elsewhere(story: Story) -> None:
    """The desk knows nothing but events: from all of them it knows all that Stripe knows."""
    with lived(story, elsewhere=True) as made:
        _ends_as_at_stripe(made)


@by_story_at_the_desk
def test_taken_at_the_desk(story: Story) -> None:
    """The answers came first; events add the fee, and take nothing back."""
    with lived(story) as made:
        _ends_as_at_stripe(made)


@pytest.mark.full
@by_story
def test_in_distinct_seconds(story: Story) -> None:
    """Times play no part, as they are told in whole seconds."""
    with lived(story, pause_seconds=1, elsewhere=True) as made:
        _ends_as_at_stripe(made)


@pytest.mark.full
@by_story
def test_in_an_old_api_version(story: Story) -> None:
    """Stripe is asked instead, about each object."""
    with lived(story, old_version=True, elsewhere=True) as made:
        _ends_as_at_stripe(made)


@pytest.mark.parametrize("elsewhere", [True, False], ids=["elsewhere", "at the desk"])
def test_the_walk_finds_what_the_whole_orders_do(*, elsewhere: bool) -> None:
    """All 24 orders of the shortest story, one after the other."""
    with lived(event_stories.success, elsewhere=elsewhere) as made:
        (walked,) = made.walk().values()
        assert all(made.arrive_in(order) == walked for order in permutations(made.events))

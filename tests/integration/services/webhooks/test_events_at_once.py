"""Events that arrive all at the same moment leave the rows that they leave one by one."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from random import Random

import pytest
from _pytest.mark import ParameterSet

from cardpay.domain.stripe_facts.snapshots import EventSnapshot
from cardpay.services.desk import Desk
from cardpay.services.webhooks.event_worker import process_all_due
from cardpay.services.webhooks.receive_event import store_event
from cardpay.storage.database.engine import Store, connect
from tests.faults.events import event_stories
from tests.faults.events.event_stories import STORIES, Story, Telling, told
from tests.support.databases.databases import Databases
from tests.support.databases.rows import Facts, facts
from tests.support.desks import worlds

AT_ONCE = 20

NewDesk = Callable[[Desk], Desk]


@pytest.fixture
def empty_desk(databases: Databases, migrated: str) -> Iterator[NewDesk]:
    """Gives out desks at the same Stripe, each with a database of its own and no rows."""
    with ExitStack() as stack:

        def another(desk: Desk) -> Desk:
            url = stack.enter_context(databases.copy(migrated))
            store = Store(connect(url), desk.store.audit_keys)
            stack.callback(store.close)
            return Desk(store, desk.gateway, desk.account, moto=False, now=desk.now)

        yield another


def _left(desk: Desk) -> Facts:
    process_all_due(desk)
    with desk.store.reading() as session:
        return facts(session)


def _stories() -> Iterator[ParameterSet]:
    """Before a merge those that leave the most kinds of rows."""
    before_a_merge = {event_stories.failed_challenge_then_success, event_stories.dispute}
    for story in STORIES:
        marks = [] if story in before_a_merge else [pytest.mark.full]
        yield pytest.param(story, marks=marks, id=story.__name__)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("story", list(_stories()))
def test_twenty_at_once(tmp_path: Path, empty_desk: NewDesk, story: Story) -> None:
    """Each event comes twice or more, from twenty threads that also apply; none fails."""
    with worlds.world(tmp_path) as world:
        story(Telling(world, pause_seconds=0))
        events = told(world)
        one_by_one, at_once = empty_desk(world.desk), empty_desk(world.desk)
        for event in events:
            store_event(one_by_one, event)
        arrivals = (events * AT_ONCE)[: max(AT_ONCE, 2 * len(events))]
        Random(0).shuffle(arrivals)

        def arrive(event: EventSnapshot) -> None:
            store_event(at_once, event)
            process_all_due(at_once)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(arrive, arrivals))
        left = _left(one_by_one)
        assert not any("EventState.FAILED" in row for row in left["stripe_event"])
        assert _left(at_once) == left

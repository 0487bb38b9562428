"""Events that arrive at once share a commit, and each is stored as if it came alone."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from sqlmodel import select

from cardpay.domain.stripe_facts.snapshots import EventSnapshot
from cardpay.services.desk import Desk
from cardpay.services.webhooks.group_commit import Inbox
from cardpay.services.webhooks.receive_event import store_event
from cardpay.storage.database.engine import Store, connect
from cardpay.storage.schema.tables import StripeEvent
from tests.faults.events.event_stories import told
from tests.support.databases.databases import PostgresqlDatabases
from tests.support.desks.worlds import AUDIT_KEYS, World
from tests.support.processes.asyncio_in_thread import run


@pytest.fixture
def events(world: World) -> list[EventSnapshot]:
    """What Stripe tells of a payment."""
    world.pay(world.created())
    world.clock.advance(minutes=1)
    world.sandbox.run_due()
    return told(world)


def _rows(desk: Desk) -> list[dict[str, Any]]:
    with desk.store.reading() as session:
        found = session.exec(select(StripeEvent).order_by(StripeEvent.stripe_event_id)).all()
        return [row.model_dump(exclude={"id"}) for row in found]


def _store_at_once(desk: Desk, events: list[EventSnapshot]) -> list[BaseException | None]:
    async def all_of_them() -> list[BaseException | None]:
        inbox = Inbox(desk)
        return await asyncio.gather(*map(inbox.store, events), return_exceptions=True)

    return run(all_of_them())


def test_each_row_as_if_it_came_alone(world: World, events: list[EventSnapshot]) -> None:
    """Every column is the same, whichever way the event came; twice makes one row."""
    now = world.clock.now()
    desk = replace(world.desk, now=lambda: now)
    assert _store_at_once(desk, events * 3) == [None] * len(events) * 3
    at_once = _rows(desk)
    with desk.store.transaction() as session:
        for row in session.exec(select(StripeEvent)):
            session.delete(row)
    for event in events:
        store_event(desk, event)
    assert len(at_once) == len(events)
    assert at_once == _rows(desk)


def test_one_that_cannot_be_stored(world: World, events: list[EventSnapshot]) -> None:
    """It is told so; those that came with it are stored."""
    bad = replace(events[0], type=None)  # type: ignore[arg-type]  # that is what is wrong with it
    *good, failed = _store_at_once(world.desk, [*events[1:], bad])
    assert good == [None] * (len(events) - 1)
    assert isinstance(failed, Exception)
    stored = {row["stripe_event_id"] for row in _rows(world.desk)}
    assert stored == {event.event_id for event in events[1:]}


@pytest.fixture
def desk_on_postgresql(
    world: World, on_postgresql: PostgresqlDatabases, migrated_postgresql: str
) -> Iterator[Desk]:
    """The same desk on a server whose connections can be cut."""
    with on_postgresql.copy(migrated_postgresql) as url:
        store = Store(connect(url), AUDIT_KEYS)
        yield replace(world.desk, store=store)
        store.close()


def test_a_connection_that_was_cut(desk_on_postgresql: Desk, events: list[EventSnapshot]) -> None:
    """The next event is stored over a new one, and nobody notices."""
    url = desk_on_postgresql.store.engine.url.set(drivername="postgresql")

    async def with_a_cut() -> None:
        inbox = Inbox(desk_on_postgresql)
        await inbox.store(events[0])
        with psycopg.connect(url.render_as_string(hide_password=False)) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        await inbox.store(events[1])

    run(with_a_cut())
    assert len(_rows(desk_on_postgresql)) == 2

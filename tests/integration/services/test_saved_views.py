"""Saved views: whose they are, who sees them, and which opens first."""

import pytest
from sqlmodel import col, select

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Role
from cardpay.domain.access.view_rules import MAX_NAME, MOST_VIEWS, SHARED_WITH, TypedView
from cardpay.domain.errors import InvalidInput
from cardpay.services.saved_views import delete_view, open_first, save_view, saved_views
from cardpay.storage.schema.tables import AuditEntry
from tests.support.desks.worlds import ADMIN, AGENT, ANALYST, World

COLLEAGUE = Actor("agent-2", frozenset({Role.AGENT}), "test")
FAILED = {"status": ("Failed", "Canceled"), "period": ("This month",)}


def names(world: World, actor: Actor) -> list[str]:
    """What somebody sees, in order."""
    return [view.name for view in saved_views(world.desk, actor)]


def test_ones_own_come_before_the_shared(world: World) -> None:
    """What is shared is for those who have the role, and what is not, for nobody else."""
    save_view(world.desk, COLLEAGUE, TypedView("Shared", FAILED, Role.AGENT))
    save_view(world.desk, COLLEAGUE, TypedView("Hers", FAILED))
    save_view(world.desk, AGENT, TypedView("Mine", FAILED))
    assert names(world, AGENT) == ["Mine", "Shared"]
    assert names(world, COLLEAGUE) == ["Shared", "Hers"]
    assert names(world, ANALYST) == []
    seen = saved_views(world.desk, AGENT)[1]
    assert (seen.parameters, seen.is_own, seen.may_delete) == (FAILED, False, False)


def test_what_is_no_filter_is_not_kept(world: World) -> None:
    """The search above all, and the payment that was open."""
    typed = TypedView("Mine", {**FAILED, "search": ("Padma",), "payment": ("1",), "brand": ()})
    assert save_view(world.desk, AGENT, typed).parameters == FAILED
    assert saved_views(world.desk, AGENT)[0].parameters == FAILED


def test_a_view_is_no_longer_than_a_filter(world: World) -> None:
    """An address may be typed, and everybody it is shared with reads it."""
    fits = {"product": ("x" * 1_000, "y" * 1_000)}
    save_view(world.desk, AGENT, TypedView("Mine", fits))
    with pytest.raises(InvalidInput, match="too long"):
        save_view(world.desk, AGENT, TypedView("Other", {**fits, "brand": ("visa",)}))
    assert names(world, AGENT) == ["Mine"]


def test_the_same_name_replaces_ones_own(world: World) -> None:
    """And leaves a colleague's, and what opens first, alone."""
    save_view(world.desk, COLLEAGUE, TypedView("Mine", FAILED, Role.AGENT))
    first = save_view(world.desk, AGENT, TypedView("Mine", FAILED))
    open_first(world.desk, AGENT, first.view_id)
    save_view(world.desk, AGENT, TypedView(" Mine\n", {"brand": ("visa",)}))
    own, shared = saved_views(world.desk, AGENT)
    assert (own.view_id, own.parameters, own.is_first) == (
        first.view_id,
        {"brand": ("visa",)},
        True,
    )
    assert shared.parameters == FAILED


def test_nobody_fills_the_page_of_others(world: World) -> None:
    """A person has so many views, shared or not; each can still be replaced, and deleted."""
    made = [
        save_view(world.desk, AGENT, TypedView(f"View {number}", FAILED, Role.ANALYST))
        for number in range(MOST_VIEWS)
    ]
    with pytest.raises(InvalidInput, match=f"You have {MOST_VIEWS} views"):
        save_view(world.desk, AGENT, TypedView("One more", FAILED, Role.ANALYST))
    save_view(world.desk, AGENT, TypedView("View 0", {"brand": ("visa",)}, Role.ANALYST))
    assert len(names(world, ANALYST)) == MOST_VIEWS
    delete_view(world.desk, AGENT, made[0].view_id)
    save_view(world.desk, AGENT, TypedView("One more", FAILED))


@pytest.mark.parametrize("name", ["", " \n", "x" * (MAX_NAME + 1)])
def test_a_name_is_asked_for(world: World, name: str) -> None:
    """Short enough for a pill."""
    with pytest.raises(InvalidInput):
        save_view(world.desk, AGENT, TypedView(name, FAILED))
    assert names(world, AGENT) == []


def test_a_view_is_shared_with_any_role_that_may_see_payments(world: World) -> None:
    """Not with one's own alone: an analyst makes views for those who answer the telephone."""
    assert set(SHARED_WITH) == set(Role)
    save_view(world.desk, ANALYST, TypedView("To ring back", FAILED, Role.AGENT))
    assert names(world, AGENT) == ["To ring back"]
    assert names(world, ADMIN) == []


def test_a_view_is_shared_with_no_other_word(world: World) -> None:
    """As a forged message may have one."""
    for role in ("nobody", Role.ADMIN):
        if role not in SHARED_WITH:
            with pytest.raises(InvalidInput, match="Choose who sees"):
                save_view(world.desk, AGENT, TypedView("Mine", FAILED, role))  # type: ignore[arg-type]


def test_only_its_maker_or_an_administrator_deletes_a_view(world: World) -> None:
    """One that is gone stays so."""
    views = [
        save_view(world.desk, COLLEAGUE, TypedView(name, FAILED, Role.AGENT)).view_id
        for name in ("One", "Two")
    ]
    with pytest.raises(InvalidInput):
        delete_view(world.desk, AGENT, views[0])
    assert names(world, AGENT) == ["One", "Two"]
    delete_view(world.desk, COLLEAGUE, views[0])
    delete_view(world.desk, COLLEAGUE, views[0])
    assert names(world, AGENT) == ["Two"]
    delete_view(world.desk, ADMIN, views[1])
    assert names(world, AGENT) == []
    with world.desk.store.reading() as session:
        asked = select(AuditEntry).where(col(AuditEntry.act).startswith("view."))
        entries = session.exec(asked.order_by(col(AuditEntry.id))).all()
    assert [(one.act, one.actor_id) for one in entries] == [
        ("view.save", "agent-2"),
        ("view.save", "agent-2"),
        ("view.delete", "agent-2"),
        ("view.delete", "admin-1"),
    ]
    assert entries[0].after == {"shared_with": "agent"}


def test_one_of_ones_own_opens_first(world: World) -> None:
    """For its maker alone, and one at a time."""
    one, two = (
        save_view(world.desk, COLLEAGUE, TypedView(name, FAILED, Role.AGENT)).view_id
        for name in ("One", "Two")
    )

    def first(actor: Actor) -> list[str]:
        return [view.name for view in saved_views(world.desk, actor) if view.is_first]

    open_first(world.desk, COLLEAGUE, one)
    open_first(world.desk, COLLEAGUE, two)
    assert (first(COLLEAGUE), first(AGENT)) == (["Two"], [])
    with pytest.raises(InvalidInput):
        open_first(world.desk, AGENT, one)
    open_first(world.desk, COLLEAGUE, None)
    assert first(COLLEAGUE) == []

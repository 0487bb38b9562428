"""Saving views of the list of payments, sharing them, and choosing the one that opens first."""

from uuid import uuid4

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission, Role
from cardpay.domain.access.view_rules import (
    MOST_VIEWS,
    VIEW_NAME,
    TypedView,
    View,
    may_delete,
)
from cardpay.domain.errors import InvalidInput
from cardpay.services.audit.record_act import record
from cardpay.services.desk import Desk
from cardpay.storage.database.engine import Duplicate
from cardpay.storage.schema.tables import SavedView
from cardpay.storage.views import stored_views


def saved_views(desk: Desk, actor: Actor) -> list[View]:
    """The person's own views, then those shared with their roles, oldest first; NotAllowed."""
    actor = actor.require(Permission.BROWSE_PAYMENTS)
    with desk.store.reading() as session:
        return [_view(row, actor) for row in stored_views.visible(session, *_who(actor))]


def save_view(desk: Desk, actor: Actor, typed: TypedView) -> View:
    """Save a view; the person's own of the same name is replaced.

    The audit log has no name of it. Whoever it is shared with sees in it what they may see.
    Errors: NotAllowed, CardDataRefused, InvalidInput.
    """
    actor = actor.require(Permission.BROWSE_PAYMENTS)
    name, kept = typed.checked_name(), typed.kept()
    now = desk.now()
    try:
        with desk.store.transaction() as session:
            own = stored_views.visible(session, actor.actor_id, ())
            same = next((one for one in own if one.name == name), None)
            if same is None and len(own) >= MOST_VIEWS:
                raise InvalidInput(
                    VIEW_NAME, f"You have {MOST_VIEWS} views. Delete one that you don't need"
                )
            row = same or SavedView(
                id=str(uuid4()), actor_id=actor.actor_id, name=name, created_at=now
            )
            row.shared_role, row.parameters = typed.role, kept
            session.add(row)
            after = {"shared_with": str(typed.role) if typed.role else None}
            record(session, actor, "view.save", ("view", row.id), at=now, after=after)
            return _view(row, actor)
    except Duplicate:  # another tab, at the same moment
        raise InvalidInput(VIEW_NAME, "You have a view of this name") from None


def delete_view(desk: Desk, actor: Actor, view_id: str) -> None:
    """Delete a view, by its maker or an administrator; one that is gone stays so.

    Errors: NotAllowed, InvalidInput.
    """
    actor = actor.require(Permission.BROWSE_PAYMENTS)
    with desk.store.transaction() as session:
        row = session.get(SavedView, view_id)
        if row is None:
            return
        if not may_delete(actor, row.actor_id):
            raise InvalidInput("View", "Only the person who saved a view can delete it")
        session.delete(row)
        record(session, actor, "view.delete", ("view", view_id), at=desk.now())


def open_first(desk: Desk, actor: Actor, view_id: str | None) -> None:
    """Choose which of one's own views opens first; None for all payments.

    Errors: NotAllowed, InvalidInput.
    """
    actor = actor.require(Permission.BROWSE_PAYMENTS)
    with desk.store.transaction() as session:
        own = stored_views.visible(session, actor.actor_id, ())
        if view_id is not None and view_id not in {row.id for row in own}:
            raise InvalidInput("View", "Only a view of your own can open first")
        for row in own:
            row.is_first = row.id == view_id
            session.add(row)
        record(session, actor, "view.first", ("view", view_id or "none"), at=desk.now())


def _who(actor: Actor) -> tuple[str, list[str]]:
    return actor.actor_id, sorted(actor.roles)


def _view(row: SavedView, actor: Actor) -> View:
    is_own = row.actor_id == actor.actor_id
    return View(
        row.id,
        row.name,
        {name: tuple(values) for name, values in row.parameters.items()},
        Role(row.shared_role) if row.shared_role else None,
        is_own=is_own,
        is_first=is_own and row.is_first,
        may_delete=may_delete(actor, row.actor_id),
    )

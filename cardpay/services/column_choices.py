"""Which columns of a list a person has chosen to see."""

from collections.abc import Iterable

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.column_rules import ListName, kept_columns
from cardpay.domain.access.permissions import Permission
from cardpay.services.desk import Desk
from cardpay.storage.database.inserts import insert_if_absent
from cardpay.storage.schema.tables import ColumnChoice
from cardpay.storage.views import stored_views


def chosen_columns(desk: Desk, actor: Actor, of: ListName) -> tuple[str, ...] | None:
    """The names that the person chose, in their order; None if they chose none. NotAllowed.

    An older version may have kept names of columns that are no more.
    """
    actor = actor.require(Permission.BROWSE_PAYMENTS)
    with desk.store.reading() as session:
        row = stored_views.column_choice(session, actor.actor_id, of)
        return None if row is None else tuple(row.names)


def choose_columns(desk: Desk, actor: Actor, of: ListName, names: Iterable[str]) -> None:
    """Keep the names for this person, whatever was kept before. NotAllowed.

    Not in the audit log: it changes what one's own screen shows of what one may see.
    """
    actor = actor.require(Permission.BROWSE_PAYMENTS)
    kept = kept_columns(names)
    with desk.store.transaction() as session:
        choice = ColumnChoice(actor_id=actor.actor_id, list_name=of, names=kept)
        if not insert_if_absent(session, choice):
            row = stored_views.column_choice(session, actor.actor_id, of)
            assert row is not None
            row.names = kept
            session.add(row)


def reset_columns(desk: Desk, actor: Actor, of: ListName) -> None:
    """Forget what the person chose; nothing if they chose nothing. NotAllowed."""
    actor = actor.require(Permission.BROWSE_PAYMENTS)
    with desk.store.transaction() as session:
        row = stored_views.column_choice(session, actor.actor_id, of)
        if row is not None:
            session.delete(row)

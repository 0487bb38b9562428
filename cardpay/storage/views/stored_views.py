"""Rows of saved views, and of chosen columns."""

from collections.abc import Collection

from sqlalchemy import or_, select
from sqlmodel import Session, col

from cardpay.domain.access.column_rules import ListName
from cardpay.storage.schema.tables import ColumnChoice, SavedView


def visible(session: Session, actor_id: str, roles: Collection[str]) -> list[SavedView]:
    """A person's own and then those shared with one of these roles, each oldest first."""
    found = session.scalars(
        select(SavedView)
        .where(or_(col(SavedView.actor_id) == actor_id, col(SavedView.shared_role).in_(roles)))
        .order_by(col(SavedView.created_at), col(SavedView.id))
    )
    return sorted(found, key=lambda row: row.actor_id != actor_id)


def column_choice(session: Session, actor_id: str, of: ListName) -> ColumnChoice | None:
    """The columns of a list that a person chose, if they did."""
    return session.scalar(
        select(ColumnChoice).where(
            col(ColumnChoice.actor_id) == actor_id, col(ColumnChoice.list_name) == of
        )
    )

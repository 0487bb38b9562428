"""How people see the lists: views that they have saved, and the columns that they chose."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from cardpay.domain.access.column_rules import ListName
from cardpay.domain.access.permissions import Role
from cardpay.storage.schema import columns
from cardpay.storage.schema.types import EnumText


class SavedView(SQLModel, table=True):
    """One view. `parameters` are those of the page's address, each with its values.

    `is_first` says that it opens first for its maker, whoever else it is shared with.
    """

    __tablename__ = "saved_view"
    __table_args__ = (
        UniqueConstraint("actor_id", "name"),
        Index("ix_saved_view_shared_role", "shared_role"),
    )

    id: str = Field(primary_key=True)
    actor_id: str
    name: str
    shared_role: Role | None = columns.enum(Role, nullable=True)
    parameters: dict[str, Any] = columns.json()
    is_first: bool = False
    created_at: datetime = columns.time()


class ColumnChoice(SQLModel, table=True):
    """The columns of a list that a person chose to see, by name and in their order."""

    __tablename__ = "column_choice"

    actor_id: str = Field(primary_key=True)
    list_name: ListName = Field(sa_type=EnumText(ListName), primary_key=True)
    names: list[str] = columns.json_list()

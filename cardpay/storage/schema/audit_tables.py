"""The audit log, its head, and the tombstones of what was pruned.

The database's triggers refuse to change or delete an entry or a tombstone, and to set the head
back.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer
from sqlmodel import Field, SQLModel

from cardpay.storage.schema import columns

# SQLite finds a row at once by what is declared INTEGER; the chain gives the number.
_NUMBER = BigInteger().with_variant(Integer(), "sqlite")


def _number() -> Any:
    return Field(primary_key=True, sa_type=_NUMBER, sa_column_kwargs={"autoincrement": False})


class AuditEntry(SQLModel, table=True):
    """Who did what, when and from where. Appended only, in the transaction of the act.

    `id` is its number in the hash chain (`cardpay.domain.audit_chain`), from 1 without gaps; `id`,
    `key_mark` and `mac` are given when the transaction commits.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_subject", "subject_kind", "subject_id"),
        Index("ix_audit_entry_at", "at", "id"),
        Index("ix_audit_entry_actor_id", "actor_id", "at", "id"),
        Index("ix_audit_entry_act", "act", "at", "id"),
        Index("ix_audit_entry_subject_id", "subject_id", "at", "id"),
    )

    id: int = _number()
    at: datetime = columns.time()
    actor_id: str
    roles: str
    origin: str
    act: str
    subject_kind: str
    subject_id: str
    before: dict[str, Any] = columns.json()
    after: dict[str, Any] = columns.json()
    key_mark: str = ""
    mac: str = ""


class AuditHead(SQLModel, table=True):
    """The last entry's number and MAC: one row, locked by whoever adds the next entries."""

    __tablename__ = "audit_head"

    id: int = Field(default=1, primary_key=True)
    number: int = Field(sa_type=BigInteger)
    mac: str


class AuditTombstone(SQLModel, table=True):
    """All entries up to `number` were pruned; `entry_mac` is the MAC of the last of them."""

    __tablename__ = "audit_tombstone"

    number: int = _number()
    entry_mac: str
    pruned_at: datetime = columns.time()
    key_mark: str
    mac: str

"""The audit log, its seals, and the tombstones of those that were forgotten.

All are appended only, which the database's triggers see to.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, LargeBinary
from sqlmodel import Field, SQLModel

from cardpay.storage.schema import columns


class AuditEntry(SQLModel, table=True):
    """Who did what, when and from where. Appended only, in the transaction of the act.

    Triggers refuse to change or delete one; seals tell if somebody did. `mac` is the process's
    signature (`cardpay.domain.audit_chain.signature`), without which nobody can add one; entries
    of older versions have none.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_subject", "subject_kind", "subject_id"),
        Index("ix_audit_entry_at", "at", "id"),
        Index("ix_audit_entry_actor_id", "actor_id", "at", "id"),
        Index("ix_audit_entry_act", "act", "at", "id"),
        Index("ix_audit_entry_subject_id", "subject_id", "at", "id"),
    )

    id: int | None = columns.key()
    at: datetime = columns.time()
    actor_id: str
    roles: str
    origin: str
    act: str
    subject_kind: str
    subject_id: str
    before: dict[str, Any] = columns.json()
    after: dict[str, Any] = columns.json()
    mac: str | None = None


class AuditSeal(SQLModel, table=True):
    """A batch of committed entries. `cardpay.domain.audit_chain` says what the MACs cover.

    Up to `settled_id` every entry that there will ever be is in this seal or an earlier one:
    another with such an id did not come by the desk. Above it a transaction that began earlier
    may still commit, and a later seal takes its entry.
    """

    __tablename__ = "audit_seal"
    __table_args__ = (Index("ix_audit_seal_last_entry_id", "last_entry_id"),)

    number: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False}
    )
    sealed_at: datetime = columns.time()
    entry_count: int
    last_entry_id: int = Field(sa_type=BigInteger)
    settled_id: int = Field(sa_type=BigInteger)
    sealed: bytes = Field(sa_type=LargeBinary)
    previous_mac: str
    key_mark: str
    mac: str


class AuditTombstone(SQLModel, table=True):
    """All seals up to `number` were forgotten, with `entry_count` entries in all.

    `seal_mac` and `settled_id` are those of the last of them; `last_entry_id` is the highest
    id that was in any: up to it the triggers let entries be deleted.
    """

    __tablename__ = "audit_tombstone"

    number: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False}
    )
    seal_mac: str
    entry_count: int = Field(sa_type=BigInteger)
    last_entry_id: int = Field(sa_type=BigInteger)
    settled_id: int = Field(sa_type=BigInteger)
    forgotten_at: datetime = columns.time()
    key_mark: str
    mac: str

"""Imports and reconciliations of the account's history, reads spent on them, and leases."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from cardpay.domain.history.list_kinds import DifferenceKind, ListKind
from cardpay.storage.schema import columns


class Lease(SQLModel, table=True):
    """A lease on a database without advisory locks: who may do a piece of work, until when."""

    __tablename__ = "lease"

    name: str = Field(primary_key=True)
    holder: str
    until_at: datetime = columns.time()


class Reconciliation(SQLModel, table=True):
    """One reconciliation with Stripe of what was created between two times.

    `finished_at` is empty while it runs, and stays so when it was cut off; `problem` is the
    sentence that says why it stopped.
    """

    __tablename__ = "reconciliation"
    __table_args__ = (Index("ix_reconciliation_started_at", "started_at"),)

    id: str = Field(primary_key=True)
    stripe_account_id: str
    livemode: bool
    since_at: datetime = columns.time()
    until_at: datetime = columns.time()
    compared: int = 0
    reads: int = 0
    problem: str | None = None
    actor_id: str
    started_at: datetime = columns.time()
    finished_at: datetime | None = columns.time(nullable=True)


class Discrepancy(SQLModel, table=True):
    """One difference that a reconciliation found: ours, Stripe's, and what was done."""

    __tablename__ = "discrepancy"
    __table_args__ = (Index("ix_discrepancy_reconciliation_id", "reconciliation_id"),)

    id: int | None = columns.key()
    reconciliation_id: str = Field(foreign_key="reconciliation.id")
    kind: DifferenceKind = columns.enum(DifferenceKind)
    payment_id: str | None = Field(default=None, foreign_key="payment.id")
    stripe_object_id: str | None = None
    ours: str | None = None
    theirs: str | None = None
    done: str
    found_at: datetime = columns.time()


class Backfill(SQLModel, table=True):
    """One import of an account's history, from `since_at` (empty: its beginning)."""

    __tablename__ = "backfill"
    __table_args__ = (Index("ix_backfill_started_at", "started_at"),)

    id: str = Field(primary_key=True)
    stripe_account_id: str
    livemode: bool
    since_at: datetime | None = columns.time(nullable=True)
    until_at: datetime = columns.time()
    problem: str | None = None
    actor_id: str
    started_at: datetime = columns.time()
    finished_at: datetime | None = columns.time(nullable=True)


class BackfillRange(SQLModel, table=True):
    """One stretch of one list, and how far its pages are imported.

    `cursor` is the last object of the last page, committed together with that page's rows.
    """

    __tablename__ = "backfill_range"
    __table_args__ = (UniqueConstraint("backfill_id", "kind", "from_at"),)

    id: int | None = columns.key()
    backfill_id: str = Field(foreign_key="backfill.id")
    kind: ListKind = columns.enum(ListKind)
    from_at: datetime = columns.time()
    to_at: datetime = columns.time()
    cursor: str | None = None
    imported: int = 0
    finished_at: datetime | None = columns.time(nullable=True)


class StripeReads(SQLModel, table=True):
    """The number of reads of Stripe in a calendar month (UTC, "2026-11")."""

    __tablename__ = "stripe_reads"

    stripe_account_id: str = Field(primary_key=True)
    livemode: bool = Field(primary_key=True)
    month: str = Field(primary_key=True)
    reads: int = columns.money()

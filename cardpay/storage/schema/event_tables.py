"""Stripe's events."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import SQLModel

from cardpay.domain.stripe_facts.events import EventState
from cardpay.storage.schema import columns


class StripeEvent(SQLModel, table=True):
    """One event: an allow-list of its fields, and the state of its handling.

    `listed` is true if Stripe's Events list brought it, since no webhook had. Its fields were
    removed at `emptied_at`; the row stays, so that the event is known when it comes again.
    """

    __tablename__ = "stripe_event"
    __table_args__ = (
        UniqueConstraint("stripe_account_id", "livemode", "stripe_event_id"),
        Index("ix_stripe_event_state_next_try_at", "state", "next_try_at"),
        Index("ix_stripe_event_payment_intent", "stripe_payment_intent_id"),
        columns.where("ix_stripe_event_full", ("received_at",), "emptied_at IS NULL"),
    )

    id: int | None = columns.key()
    stripe_account_id: str
    livemode: bool
    stripe_event_id: str
    type: str
    api_version: str | None = None
    object_id: str | None = None
    stripe_payment_intent_id: str | None = None
    fields: dict[str, Any] = columns.json()
    state: EventState = columns.enum(EventState)
    listed: bool = False
    tries: int = 0
    problem: str | None = None
    created_at: datetime = columns.time()
    received_at: datetime = columns.time()
    next_try_at: datetime | None = columns.time(nullable=True)
    handled_at: datetime | None = columns.time(nullable=True)
    emptied_at: datetime | None = columns.time(nullable=True)

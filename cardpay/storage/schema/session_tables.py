"""Who is signed in, and the names of those who ever were."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from cardpay.domain.access.sign_in import EndReason
from cardpay.storage.schema import columns


class SignInSession(SQLModel, table=True):
    """One sign-in, as long as the desk honours it. `id` is a hash of its identity token.

    `roles` are those at the last check, none for a stranger; `seen_at` moves with the person's own
    acts alone, not with pages that look by themselves. `groups` and `email_domain` are what the
    identity provider said at `checked_at`. `token` is what it is asked again with, sealed with a
    key that is not in the database; `checking_until` is set while somebody asks.
    """

    __tablename__ = "sign_in_session"
    __table_args__ = (Index("ix_sign_in_session_ends_at", "ends_at"),)

    id: str = Field(primary_key=True)
    actor_id: str
    roles: str
    started_at: datetime = columns.time()
    seen_at: datetime = columns.time()
    ends_at: datetime = columns.time()
    checked_at: datetime = columns.time()
    checking_until: datetime | None = columns.time(nullable=True)
    groups: list[str] = columns.json_list()
    email_domain: str | None = None
    token: str | None = Field(default=None, repr=False)
    origin: str = ""
    browser: str = ""
    ended_at: datetime | None = columns.time(nullable=True)
    end_reason: EndReason | None = columns.enum(EndReason, nullable=True)


class Person(SQLModel, table=True):
    """The name behind an actor's id: personal, so it can be erased, and the books stay whole."""

    __tablename__ = "person"

    actor_id: str = Field(primary_key=True)
    name: str
    seen_at: datetime = columns.time()

"""Who is signed in: the open sessions, for an administrator."""

from dataclasses import dataclass
from datetime import datetime

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.reporting.staff_names import names
from cardpay.storage import session_queries as stored
from cardpay.storage.database.engine import Store


@dataclass(frozen=True)
class OpenSession:
    """One sign-in that counts: of whom, as what, since when, and from where."""

    session_id: str
    actor_id: str
    name: str
    roles: str
    started_at: datetime
    seen_at: datetime
    checked_at: datetime
    origin: str
    browser: str


def open_sessions(
    store: Store, actor: Actor, now: datetime, idle_since: datetime
) -> list[OpenSession]:
    """The sessions in which something was done since `idle_since`, newest first. NotAllowed."""
    actor.require(Permission.MANAGE_SESSIONS)
    with store.reading() as session:
        rows = stored.open_sessions(session, now, idle_since=idle_since)
        called = names(session, {row.actor_id for row in rows})
    return [
        OpenSession(
            session_id=row.id,
            actor_id=row.actor_id,
            name=called[row.actor_id],
            roles=", ".join(row.roles.split(",")) or "none",
            started_at=row.started_at,
            seen_at=row.seen_at,
            checked_at=row.checked_at,
            origin=row.origin,
            browser=row.browser,
        )
        for row in rows
    ]

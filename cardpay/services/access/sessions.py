"""Sign-in sessions: when one begins, how long it lasts, and why it ended; kept on the server.

The browser's cookie says who somebody is, for 30 days (Streamlit docs: "st.login"). Whether
that still counts is decided here, by one row for each sign-in.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.access.sign_in import AccessDenied, Admission, EndReason, Identity, SignedOut
from cardpay.logs.logger import get_logger
from cardpay.services.access.denied_acts import WithoutSession
from cardpay.services.audit.record_act import record
from cardpay.services.desk import Desk
from cardpay.storage.database.engine import Duplicate
from cardpay.storage.schema.session_tables import Person, SignInSession

_log = get_logger(__name__)

# The time of the last activity is stored at most this often, not with every run of a page.
_SEEN_EACH: Final = timedelta(seconds=20)


@dataclass(frozen=True)
class SessionGuard(WithoutSession):
    """The guard of a person who has signed in: it reads the session's row at every act."""

    admission: Admission
    session_id: str

    def check(self) -> None:
        """Raise SignedOut once the session has ended, whoever ended it."""
        reason = ended(self.desk, self.admission, self.session_id)
        if reason is not None:
            raise SignedOut(reason)


def enter(desk: Desk, admission: Admission, identity: Identity, origin: str) -> Actor:
    """The actor of a person who opens a page; begins the session of a new sign-in.

    Raises SignedOut if the session has ended, AccessDenied if the person has no role.
    """
    roles = admission.roles_of(identity)
    person = Actor(identity.actor_id, roles, origin)
    row = _row(desk, identity.session_id)
    if row is None:
        with suppress(Duplicate):  # two tabs came at once
            _begin(desk, admission, identity, person)
        if roles:
            with suppress(Duplicate):
                _remember(desk, identity)
        row = _row(desk, identity.session_id)
        assert row is not None
    reason = _ended(row, admission, desk.now())
    if reason is not None:
        _end(desk, person, identity.session_id, reason)
        raise SignedOut(reason)
    if not roles:
        raise AccessDenied(admission.contact)
    if desk.now() - row.seen_at >= min(_SEEN_EACH, admission.idle / 10):
        _seen(desk, identity.session_id)
    return replace(person, guard=SessionGuard(desk, person, admission, identity.session_id))


def ended(desk: Desk, admission: Admission, session_id: str) -> EndReason | None:
    """Why a session has ended, or None: one row by its key, cheap enough for each second."""
    row = _row(desk, session_id)
    return EndReason.SIGNED_OUT if row is None else _ended(row, admission, desk.now())


def sign_out(desk: Desk, actor: Actor) -> None:
    """End the actor's session in all its tabs; does nothing if there is none, or it has ended."""
    if isinstance(actor.guard, SessionGuard):
        _end(desk, actor, actor.guard.session_id, EndReason.SIGNED_OUT)


def see_settings(desk: Desk, actor: Actor) -> None:
    """Record that somebody looks at the settings. Raises NotAllowed."""
    actor.require(Permission.VIEW_SETTINGS)
    with desk.store.transaction() as session:
        record(session, actor, "settings.seen", ("settings", "all"), at=desk.now())


def _row(desk: Desk, session_id: str) -> SignInSession | None:
    with desk.store.reading() as session:
        return session.get(SignInSession, session_id)


def _ended(row: SignInSession, admission: Admission, now: datetime) -> EndReason | None:
    if row.end_reason is not None:
        return row.end_reason
    if now >= row.ends_at:
        too_old = row.ends_at >= row.started_at + admission.longest
        return EndReason.TOO_OLD if too_old else EndReason.PROVIDER
    return EndReason.IDLE if now - row.seen_at >= admission.idle else None


def _begin(desk: Desk, admission: Admission, identity: Identity, person: Actor) -> None:
    """Begin a session, as of the token's issue: so an old token begins no new one."""
    now = desk.now()
    started_at = min(identity.issued_at, now)
    with desk.store.transaction() as session:
        session.add(
            SignInSession(
                id=identity.session_id,
                actor_id=person.actor_id,
                roles=",".join(sorted(person.roles)),
                started_at=started_at,
                seen_at=now,
                ends_at=min(identity.expires_at, started_at + admission.longest),
            )
        )
        session.flush()  # Duplicate here for the second of two tabs
        act = "sign_in" if person.roles else "sign_in.denied"
        record(session, person, act, ("session", identity.session_id), at=now)
    if person.roles:
        _log.info("signed in", actor_id=person.actor_id)
    else:
        _log.warning("sign-in refused", actor_id=person.actor_id, reason="no role")


def _remember(desk: Desk, identity: Identity) -> None:
    with desk.store.transaction() as session:
        person = session.get(Person, identity.actor_id) or Person(
            actor_id=identity.actor_id, name=""
        )
        person.name = identity.name
        person.seen_at = desk.now()
        session.add(person)


def _seen(desk: Desk, session_id: str) -> None:
    with desk.store.transaction() as session:
        row = session.get(SignInSession, session_id, with_for_update=True)
        if row is not None and row.ended_at is None:
            row.seen_at = desk.now()
            session.add(row)


def _end(desk: Desk, person: Actor, session_id: str, reason: EndReason) -> None:
    with desk.store.transaction() as session:
        row = session.get(SignInSession, session_id, with_for_update=True)
        if row is None or row.ended_at is not None:
            return
        row.ended_at = desk.now()
        row.end_reason = reason
        session.add(row)
        record(
            session,
            person,
            "sign_out",
            ("session", session_id),
            at=row.ended_at,
            after={"reason": reason},
        )
    _log.info("signed out", actor_id=person.actor_id, reason=reason)

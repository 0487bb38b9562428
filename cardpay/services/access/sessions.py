"""Sign-in sessions: when one begins, how long it lasts, and why it ended; kept on the server.

The browser's cookie says which sign-in it is. Whether that still counts is decided here, by one
row for each sign-in, and with the identity provider (`role_checks`).
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission, Role
from cardpay.domain.access.sign_in import (
    AccessDenied,
    Admission,
    Answer,
    EndReason,
    Identity,
    SignedOut,
)
from cardpay.logs.logger import get_logger
from cardpay.services.access.denied_acts import WithoutSession
from cardpay.services.access.role_checks import checked_row, roles_in
from cardpay.services.access.session_rows import end, reason_ended, row_of
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

    def check(self, permission: Permission | None = None) -> frozenset[Role] | None:
        """The roles by now. SignedOut once the session has ended, whoever ended it.

        AccessUnchecked while the provider, which has to be asked now, does not answer.
        """
        row = row_of(self.desk, self.session_id)
        reason = reason_ended(row, self.admission, self.desk.now())
        if row is None or reason is not None:
            raise SignedOut(reason or EndReason.SIGNED_OUT)
        return roles_in(
            checked_row(self.desk, self.admission, self.actor, row, permission), self.admission
        )


def begin(desk: Desk, admission: Admission, answer: Answer, origin: str, browser: str) -> None:
    """Begin the session of a sign-in. It counts from the identity token's issue."""
    _begin(desk, admission, answer, origin, browser)
    if admission.roles_of(answer.identity):
        with suppress(Duplicate):  # somebody signs in at two machines at once
            _remember(desk, answer.identity)


def enter(desk: Desk, admission: Admission, identity: Identity, origin: str) -> Actor:
    """The actor of a person who opens a page, and whose sign-in the browser's cookie names.

    Raises SignedOut if the session has ended, AccessDenied if the person has no role,
    AccessUnchecked if that cannot be known now.
    """
    row = row_of(desk, identity.session_id)
    reason = reason_ended(row, admission, desk.now())
    if row is None or reason is not None:
        person = Actor(identity.actor_id, frozenset(), origin)
        end(desk, person, identity.session_id, reason or EndReason.SIGNED_OUT)
        raise SignedOut(reason or EndReason.SIGNED_OUT)
    person = Actor(row.actor_id, roles_in(row, admission), origin)
    row = checked_row(desk, admission, person, row)
    person = replace(person, roles=roles_in(row, admission))
    if not person.roles:
        raise AccessDenied(admission.contact)
    if desk.now() - row.seen_at >= min(_SEEN_EACH, admission.idle / 10):
        _seen(desk, row.id)
    return replace(person, guard=SessionGuard(desk, person, admission, row.id))


def sign_out(desk: Desk, actor: Actor) -> None:
    """End the actor's session in all its tabs; does nothing if there is none, or it has ended."""
    if isinstance(actor.guard, SessionGuard):
        end(desk, actor, actor.guard.session_id, EndReason.SIGNED_OUT)


def sign_out_browser(desk: Desk, identity: Identity, origin: str) -> None:
    """The same, for a browser that is on its way out: whatever else may be wrong with it."""
    person = Actor(identity.actor_id, frozenset(), origin)
    end(desk, person, identity.session_id, EndReason.SIGNED_OUT)


def see_settings(desk: Desk, actor: Actor) -> None:
    """Record that somebody looks at the settings. Raises NotAllowed."""
    actor.require(Permission.VIEW_SETTINGS)
    with desk.store.transaction() as session:
        record(session, actor, "settings.seen", ("settings", "all"), at=desk.now())


def _begin(desk: Desk, admission: Admission, answer: Answer, origin: str, browser: str) -> None:
    identity, now = answer.identity, desk.now()
    person = Actor(identity.actor_id, admission.roles_of(identity), origin)
    started_at = min(identity.issued_at, now)
    longest = started_at + admission.longest
    with desk.store.transaction() as session:
        session.add(
            SignInSession(
                id=identity.session_id,
                actor_id=person.actor_id,
                roles=",".join(sorted(person.roles)),
                started_at=started_at,
                seen_at=now,
                # A provider that can be asked again says by itself when a sign-in ends.
                ends_at=longest if answer.token else min(identity.expires_at, longest),
                checked_at=started_at,
                groups=admission.known_groups(identity),
                email_domain=identity.email_domain,
                token=answer.token,
                origin=origin,
                browser=browser,
            )
        )
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

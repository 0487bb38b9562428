"""Whether somebody still has the roles with which they signed in: the provider is asked again.

In the background ten minutes after the last answer, so that nobody waits; after fifteen no act
goes on without a new one. What moves money asks at its own moment. No transaction is open while
the provider is asked, and nobody asks twice at once: some providers take a token for stolen that
is used twice.
"""

import threading
from datetime import timedelta
from typing import Final

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission, Role
from cardpay.domain.access.role_check_rules import (
    CHECK_AFTER,
    LONGEST_UNCHECKED,
    MONEY_UNANSWERED,
    MOVES_MONEY,
    ONE_PRESS,
    AccessUnchecked,
    ProviderRefused,
    ProviderSilent,
)
from cardpay.domain.access.sign_in import Admission, Answer, EndReason, SignedOut
from cardpay.identity_provider.one_asks import one_asks
from cardpay.logs.logger import get_logger
from cardpay.services.access.session_rows import end, row_of
from cardpay.services.audit.record_act import record
from cardpay.services.desk import Desk
from cardpay.services.periodic_task import PeriodicTask, ShouldContinue
from cardpay.storage import session_queries as stored
from cardpay.storage.schema.session_tables import SignInSession

_log = get_logger(__name__)

# For one process that asks while others wait: longer than a question takes.
_CLAIM: Final = timedelta(seconds=20)
_LOCKS: Final = tuple(threading.Lock() for _ in range(64))
_EACH: Final = timedelta(minutes=1)


def roles_in(row: SignInSession, admission: Admission) -> frozenset[Role]:
    """The roles that the last answer gives by the settings of now."""
    return admission.roles_by(row.groups, row.email_domain)


def checked_row(
    desk: Desk,
    admission: Admission,
    person: Actor,
    row: SignInSession,
    permission: Permission | None = None,
) -> SignInSession:
    """The session's row, after the provider was asked if it has to be for that permission.

    Raises SignedOut if the provider says that the sign-in counts no more, AccessUnchecked if it
    does not answer and the last answer is too old.
    """
    if admission.provider is None:
        return row
    is_money = permission in MOVES_MONEY
    age = desk.now() - row.checked_at
    if age <= ONE_PRESS or (age < LONGEST_UNCHECKED and not is_money):
        return row
    if row.token is None:
        if is_money and age < MONEY_UNANSWERED:
            return row
        end(desk, person, row.id, EndReason.UNCHECKED)
        raise SignedOut(EndReason.UNCHECKED)
    try:
        return _ask(desk, admission, person, row.id, for_money=is_money)
    except ProviderSilent as silent:
        _log.warning("access unchecked", actor_id=row.actor_id, reason=silent.reason)
        if is_money and age < MONEY_UNANSWERED:
            return row
        raise AccessUnchecked(is_money=is_money) from None


def role_check_task(desk: Desk, admission: Admission) -> PeriodicTask:
    """Checks, once a minute, the sessions whose last answer is getting old."""
    return PeriodicTask("role checks", _EACH, lambda go_on: check_all(desk, admission, go_on))


def check_all(desk: Desk, admission: Admission, go_on: ShouldContinue) -> None:
    """Ask about everybody who is at work and whose last answer is ten minutes old."""
    now = desk.now()
    with desk.store.reading() as session:
        due = stored.to_check(session, now, now - CHECK_AFTER, now - admission.idle)
    for session_id in due:
        row = row_of(desk, session_id)
        if row is None or not go_on():
            return
        try:
            _ask(
                desk,
                admission,
                Actor(row.actor_id, roles_in(row, admission), row.origin),
                session_id,
            )
        except SignedOut:
            continue
        except ProviderSilent as silent:
            _log.warning("access unchecked", actor_id=row.actor_id, reason=silent.reason)
            return


def _ask(
    desk: Desk, admission: Admission, person: Actor, session_id: str, *, for_money: bool = False
) -> SignInSession:
    """Ask, unless somebody has just done so. Raises SignedOut, ProviderSilent.

    ProviderSilent as well if somebody else is still asking: forty requests of a session would hold
    all threads of the process.
    """
    with one_asks(_LOCKS[hash(session_id) % len(_LOCKS)]):
        token = _claim(desk, session_id)
        if token is not None:
            assert admission.provider is not None
            try:
                answer = admission.provider.ask_again(token, for_money=for_money)
            except ProviderSilent:
                _release(desk, session_id)
                raise
            except ProviderRefused as refused:
                _log.warning("access ended", actor_id=person.actor_id, reason=refused.reason)
                end(desk, person, session_id, EndReason.PROVIDER)
                raise SignedOut(EndReason.PROVIDER) from None
            _keep(desk, admission, person, session_id, answer)
    row = row_of(desk, session_id)
    if row is None or row.ended_at is not None:
        raise SignedOut((row and row.end_reason) or EndReason.SIGNED_OUT)
    return row


def _claim(desk: Desk, session_id: str) -> str | None:
    """The token, for who is to ask now; None if there is an answer of just now, or an end."""
    now = desk.now()
    with desk.store.transaction() as session:
        row = session.get(SignInSession, session_id, with_for_update=True)
        if row is None or row.ended_at is not None or now - row.checked_at <= ONE_PRESS:
            return None
        if row.checking_until is not None and now < row.checking_until:
            raise ProviderSilent("another process is asking")
        row.checking_until = now + _CLAIM
        session.add(row)
        return row.token


def _release(desk: Desk, session_id: str) -> None:
    with desk.store.transaction() as session:
        row = session.get(SignInSession, session_id, with_for_update=True)
        if row is not None:
            row.checking_until = None
            session.add(row)


def _keep(
    desk: Desk, admission: Admission, person: Actor, session_id: str, answer: Answer
) -> None:
    """Store the answer; one about somebody else ends the session."""
    if answer.identity.actor_id != person.actor_id:
        _log.warning("access ended", actor_id=person.actor_id, reason="an answer about another")
        end(desk, person, session_id, EndReason.PROVIDER)
        return
    roles = ",".join(sorted(admission.roles_of(answer.identity)))
    with desk.store.transaction() as session:
        row = session.get(SignInSession, session_id, with_for_update=True)
        if row is None or row.ended_at is not None:
            return
        if roles != row.roles:
            record(
                session,
                person,
                "sign_in.roles",
                ("session", session_id),
                at=desk.now(),
                before={"roles": row.roles},
                after={"roles": roles},
            )
        row.roles = roles
        row.groups = admission.known_groups(answer.identity)
        row.email_domain = answer.identity.email_domain
        row.token = answer.token
        row.checked_at, row.checking_until = desk.now(), None
        session.add(row)

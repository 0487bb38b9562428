"""Who acts, and what each role may do."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from cardpay.domain.errors import NotAllowed

# A colleague picks up yesterday's call; older payments of others are no agent's business.
RECENT_HOURS: Final = 24


class Role(StrEnum):
    """What a person is at the desk; one person may be several."""

    ANALYST = "analyst"
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class Permission(StrEnum):
    """One thing a person may be allowed to do, worded to end "You don't have permission to …"."""

    BROWSE_PAYMENTS = "browse payments"
    SEE_ALL_PAYMENTS = "see all payments"
    EXPORT_PAYMENTS = "export payments"
    TAKE_PAYMENT = "take payments"
    CANCEL_PAYMENT = "cancel payments"
    CAPTURE_PAYMENT = "capture payments"
    REFUND_PAYMENT = "refund payments"
    USE_OPERATIONS = "use Operations"
    VIEW_AUDIT = "view the audit log"
    MANAGE_CATALOGUE = "change the catalogue"
    VIEW_SETTINGS = "view the settings"


_P = Permission
PERMISSIONS: Final[dict[Role, frozenset[Permission]]] = {
    # An export is a copy of the books that leaves the desk. Those who see all payments may take
    # one; an agent, who answers the telephone, has no use for it.
    Role.ANALYST: frozenset({_P.BROWSE_PAYMENTS, _P.SEE_ALL_PAYMENTS, _P.EXPORT_PAYMENTS}),
    # An agent may give up an unpaid payment, or a caller without a second card blocks the order.
    # Without SEE_ALL_PAYMENTS it is their own payments and the recent ones: `Actor.may_see`.
    Role.AGENT: frozenset({_P.BROWSE_PAYMENTS, _P.TAKE_PAYMENT, _P.CANCEL_PAYMENT}),
    # A refund or capture without an answer waits on Operations for somebody who may make one.
    Role.SUPERVISOR: frozenset(
        {
            _P.BROWSE_PAYMENTS,
            _P.SEE_ALL_PAYMENTS,
            _P.EXPORT_PAYMENTS,
            _P.CANCEL_PAYMENT,
            _P.CAPTURE_PAYMENT,
            _P.REFUND_PAYMENT,
            _P.USE_OPERATIONS,
        }
    ),
    # Operations names payments whose events failed or that differ from Stripe's: an
    # administrator has to be able to open them.
    Role.ADMIN: frozenset(
        {
            _P.BROWSE_PAYMENTS,
            _P.SEE_ALL_PAYMENTS,
            _P.EXPORT_PAYMENTS,
            _P.USE_OPERATIONS,
            _P.VIEW_AUDIT,
            _P.MANAGE_CATALOGUE,
            _P.VIEW_SETTINGS,
        }
    ),
}


class Guard(Protocol):
    """What stands behind a person who has signed in, and is asked at every act of theirs."""

    def check(self) -> None:
        """Raise SignedOut once the person's session has ended, in this tab or another."""

    def refused(self, permission: Permission) -> None:
        """Take note that the person tried what they may not do."""


@dataclass(frozen=True)
class Actor:
    """Who does something: a stable id, the roles they hold, and where the request came from.

    An actor may be kept by an open page for hours; its guard tells whether it still stands.
    """

    actor_id: str
    roles: frozenset[Role]
    origin: str
    guard: Guard | None = field(default=None, repr=False, compare=False)

    def may(self, permission: Permission) -> bool:
        """Whether one of the actor's roles grants `permission`."""
        return any(permission in PERMISSIONS[role] for role in self.roles)

    def require(self, permission: Permission) -> None:
        """Raise NotAllowed unless one of the actor's roles grants `permission`.

        To be called outside any transaction: the guard reads, and may write, the database.
        Errors: SignedOut.
        """
        if self.guard is not None:
            self.guard.check()
        if not self.may(permission):
            if self.guard is not None:
                self.guard.refused(permission)
            raise NotAllowed(permission)

    def may_see(self, taken_by: str, created_at: datetime, now: datetime) -> bool:
        """Whether a payment is this person's to see: all of them, or their own and the recent."""
        return (
            self.may(Permission.SEE_ALL_PAYMENTS)
            or taken_by == self.actor_id
            or created_at > recent_since(now)
        )


def recent_since(now: datetime) -> datetime:
    """Payments created after this time are recent."""
    return now - timedelta(hours=RECENT_HOURS)


SYSTEM: Final = Actor("system", frozenset(Role), "cardpay")

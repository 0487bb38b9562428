"""Who does something, and whether they may: every use case is given an `Actor`."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from cardpay.domain.access.permissions import PERMISSIONS, RECENT_HOURS, Permission, Role
from cardpay.domain.errors import NotAllowed


class Guard(Protocol):
    """The session of somebody who has signed in. It is checked before each of their actions."""

    def check(self, permission: Permission | None = None) -> frozenset[Role] | None:
        """The roles that the person has by now; None if they are those of the actor.

        Raises SignedOut once the person's session has ended, in this tab or another. A permission
        that moves money is checked with the identity provider at this moment: AccessUnchecked.
        """

    def refused(self, permission: Permission) -> None:
        """Record in the audit log that the person tried what they may not do."""


@dataclass(frozen=True)
class Actor:
    """Who does something: a stable id, the roles they hold, and where the request came from.

    An open page may keep an actor for hours; its guard says whether the session still exists.
    """

    actor_id: str
    roles: frozenset[Role]
    origin: str
    guard: Guard | None = field(default=None, repr=False, compare=False)

    def may(self, permission: Permission) -> bool:
        """Whether one of the actor's roles grants `permission`."""
        return any(permission in PERMISSIONS[role] for role in self.roles)

    def require(self, permission: Permission) -> "Actor":
        """The actor with the roles they have by now; NotAllowed unless one grants `permission`.

        Whatever else is decided by roles is to be asked of the returned actor: an open page may
        keep one for hours. To be called outside any transaction: the guard reads, and may write,
        the database, and for what moves money it asks the identity provider. Errors: SignedOut,
        AccessUnchecked.
        """
        return self._require(permission, permission)

    def require_to_look(self, permission: Permission) -> "Actor":
        """As `require`, for a screen that only shows: what moves money asks when it's done."""
        return self._require(permission, None)

    def _require(self, permission: Permission, about: Permission | None) -> "Actor":
        held = self.guard.check(about) if self.guard is not None else None
        by_now = self if held is None else replace(self, roles=held)
        if not by_now.may(permission):
            if self.guard is not None:
                self.guard.refused(permission)
            raise NotAllowed(permission)
        return by_now

    def may_see(self, taken_by: str, created_at: datetime, now: datetime) -> bool:
        """Whether the actor may see a payment: any payment, their own, or a recent one."""
        return (
            self.may(Permission.SEE_ALL_PAYMENTS)
            or taken_by == self.actor_id
            or created_at > recent_since(now)
        )


def recent_since(now: datetime) -> datetime:
    """Payments created after this time are recent."""
    return now - timedelta(hours=RECENT_HOURS)


SYSTEM: Final = Actor("system", frozenset(Role), "cardpay")

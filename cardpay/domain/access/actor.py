"""Who does something, and whether they may: every use case is given an `Actor`."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from cardpay.domain.access.permissions import PERMISSIONS, RECENT_HOURS, Permission, Role
from cardpay.domain.errors import NotAllowed


class Guard(Protocol):
    """The session of somebody who has signed in. It is checked before each of their actions."""

    def check(self) -> None:
        """Raise SignedOut once the person's session has ended, in this tab or another."""

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

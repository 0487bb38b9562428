"""Who acts, and what each role may do."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cardpay.domain.errors import NotAllowed


class Role(StrEnum):
    """What a person is at the desk; one person may be several."""

    ANALYST = "analyst"
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class Permission(StrEnum):
    """One thing a person may be allowed to do, worded to end "You don't have permission to …"."""

    BROWSE_PAYMENTS = "browse payments"
    TAKE_PAYMENT = "take payments"
    CANCEL_PAYMENT = "cancel payments"
    CAPTURE_PAYMENT = "capture payments"
    REFUND_PAYMENT = "refund payments"
    USE_OPERATIONS = "use Operations"


PERMISSIONS: Final[dict[Role, frozenset[Permission]]] = {
    Role.ANALYST: frozenset({Permission.BROWSE_PAYMENTS}),
    # An agent may give up an unpaid payment, or a caller without a second card blocks the order.
    Role.AGENT: frozenset(
        {Permission.BROWSE_PAYMENTS, Permission.TAKE_PAYMENT, Permission.CANCEL_PAYMENT}
    ),
    Role.SUPERVISOR: frozenset(Permission),
    Role.ADMIN: frozenset({Permission.BROWSE_PAYMENTS, Permission.USE_OPERATIONS}),
}


@dataclass(frozen=True)
class Actor:
    """Who does something: a stable id, the roles they hold, and where the request came from."""

    actor_id: str
    roles: frozenset[Role]
    origin: str

    def may(self, permission: Permission) -> bool:
        """Whether one of the actor's roles grants `permission`."""
        return any(permission in PERMISSIONS[role] for role in self.roles)

    def require(self, permission: Permission) -> None:
        """Raise NotAllowed unless one of the actor's roles grants `permission`."""
        if not self.may(permission):
            raise NotAllowed(permission.value)


SYSTEM: Final = Actor("system", frozenset(Role), "cardpay")

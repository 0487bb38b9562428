"""Denied acts: what somebody tried and may not do goes into the audit log."""

from dataclasses import dataclass

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission, Role
from cardpay.logs.logger import get_logger
from cardpay.services.audit.record_act import record
from cardpay.services.desk import Desk

_log = get_logger(__name__)


@dataclass(frozen=True)
class WithoutSession:
    """The guard of a person where nobody signs in: it records what they are denied."""

    desk: Desk
    actor: Actor

    def check(self, permission: Permission | None = None) -> frozenset[Role] | None:  # noqa: ARG002
        """There is no session that could have ended, and nobody else knows the roles."""
        return None

    def refused(self, permission: Permission) -> None:
        """Record that the person lacks a permission that they tried to use."""
        record_denied(self.desk, self.actor, ("permission", permission.name.lower()))


def record_denied(desk: Desk, actor: Actor, subject: tuple[str, str], reason: str = "") -> None:
    """Record in audit log and log that an actor was denied an act on `subject` (kind and id).

    Of a flood, DENIALS_A_MINUTE alone are recorded.
    """
    if desk.is_flooded_by(actor):
        return
    with desk.store.transaction() as session:
        after = {"reason": reason} if reason else None
        record(session, actor, "denied", subject, at=desk.now(), after=after)
    kind, subject_id = subject
    _log.warning("denied", actor_id=actor.actor_id, subject=kind, subject_id=subject_id)

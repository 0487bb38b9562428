"""Objects of Stripe's that this version cannot read: kept by their ids, and what is wrong."""

from collections.abc import Iterable, Sequence

from cardpay.domain.stripe_facts.named_objects import ids_in
from cardpay.domain.version import VERSION
from cardpay.gateway.pagination import Unreadable
from cardpay.services.desk import Desk
from cardpay.storage.database.engine import Session
from cardpay.storage.history import stored_objects_set_aside


def forget_set_aside(session: Session, desk: Desk, read: Iterable[object]) -> None:
    """These could be read: they are not set aside any more."""
    ids = {object_id for one in read for object_id in ids_in(one)}
    stored_objects_set_aside.forget(session, desk.account.key, ids)


def set_aside(session: Session, desk: Desk, found: Sequence[Unreadable]) -> None:
    """Keep which objects could not be read, and why."""
    for one in found:
        stored_objects_set_aside.note(
            session,
            desk.account.key,
            (one.kind, one.object_id),
            one.reason,
            VERSION,
            desk.now(),
        )

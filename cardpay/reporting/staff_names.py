"""Names of staff by actor id, for as long as they are kept."""

from collections.abc import Collection

from sqlmodel import Session, col, select

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.session_tables import Person


def staff(store: Store, actor: Actor) -> dict[str, str]:
    """Everybody whose name is kept, by actor id and in the order of their names.

    For those who see everybody's payments. Raises NotAllowed.
    """
    actor.require(Permission.SEE_ALL_PAYMENTS)
    with store.reporting(actor.actor_id) as session:
        people = session.exec(select(Person).order_by(col(Person.name), col(Person.actor_id)))
        return {person.actor_id: person.name or person.actor_id for person in people}


def names(session: Session, actor_ids: Collection[str]) -> dict[str, str]:
    """A name for each actor id; the id itself if there is none, or none any more."""
    found = session.exec(select(Person).where(col(Person.actor_id).in_(set(actor_ids)))).all()
    known = {person.actor_id: person.name for person in found if person.name}
    return {actor_id: known.get(actor_id, actor_id) for actor_id in actor_ids}

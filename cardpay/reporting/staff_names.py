"""Names of staff by actor id, for as long as they are kept."""

from collections.abc import Collection

from sqlmodel import Session, col, select

from cardpay.storage.schema.session_tables import Person


def names(session: Session, actor_ids: Collection[str]) -> dict[str, str]:
    """A name for each actor id; the id itself if there is none, or none any more."""
    found = session.exec(select(Person).where(col(Person.actor_id).in_(set(actor_ids)))).all()
    known = {person.actor_id: person.name for person in found if person.name}
    return {actor_id: known.get(actor_id, actor_id) for actor_id in actor_ids}

"""Objects of Stripe's that were set aside, since they could not be read, as rows."""

from datetime import datetime

from sqlmodel import Session, col, delete, select

from cardpay.storage.schema.tables import UnreadableObject

Account = tuple[str, bool]  # its id, and livemode
Object = tuple[str, str]  # its kind, and Stripe's id


def note(
    session: Session,
    account: Account,
    which: Object,
    reason: str,
    version: str,
    now: datetime,
) -> None:
    """Keep that this version could not read an object."""
    known = session.exec(
        select(UnreadableObject).where(
            UnreadableObject.stripe_account_id == account[0],
            UnreadableObject.livemode == account[1],
            UnreadableObject.stripe_object_id == which[1],
        )
    ).one_or_none()
    row = known or UnreadableObject(
        stripe_account_id=account[0],
        livemode=account[1],
        kind=which[0],
        stripe_object_id=which[1],
        reason=reason,
        version=version,
        first_seen_at=now,
    )
    row.reason, row.version, row.last_seen_at = reason, version, now
    session.add(row)


def of_other_versions(session: Session, account: Account, version: str) -> list[Object]:
    """What other versions could not read and this one has not tried."""
    found = session.exec(
        select(UnreadableObject.kind, UnreadableObject.stripe_object_id)
        .where(
            UnreadableObject.stripe_account_id == account[0],
            UnreadableObject.livemode == account[1],
            UnreadableObject.version != version,
        )
        .order_by(col(UnreadableObject.id))
    )
    return [(kind, object_id) for kind, object_id in found]


def forget(session: Session, account: Account, object_id: str) -> None:
    """An object can be read now."""
    session.execute(
        delete(UnreadableObject).where(
            col(UnreadableObject.stripe_account_id) == account[0],
            col(UnreadableObject.livemode) == account[1],
            col(UnreadableObject.stripe_object_id) == object_id,
        )
    )

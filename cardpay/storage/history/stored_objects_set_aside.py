"""Objects of Stripe's that were set aside, since they could not be read, as rows."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache

from sqlalchemy import Select, bindparam
from sqlmodel import Session, col, delete, select

from cardpay.storage.database.bulk_rows import among_ids
from cardpay.storage.database.inserts import is_postgresql, table_of
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


def forget(session: Session, account: Account, object_ids: Iterable[str]) -> None:
    """Objects that can be read now; nearly always none of them was ever set aside."""
    ids = list(object_ids)
    if not ids:
        return
    found = session.connection().execute(
        _among(on_postgresql=is_postgresql(session)),
        {"stripe_account_id": account[0], "livemode": account[1], "ids": ids},
    )
    for (row_id,) in found.all():  # one by one and in order: no two of us wait for each other
        session.execute(delete(UnreadableObject).where(col(UnreadableObject.id) == row_id))


@cache
def _among(*, on_postgresql: bool) -> Select[tuple[int]]:
    table = table_of(UnreadableObject)
    return (
        select(table.c.id)
        .where(
            table.c.stripe_account_id == bindparam("stripe_account_id"),
            table.c.livemode == bindparam("livemode"),
            among_ids(table.c.stripe_object_id, on_postgresql=on_postgresql),
        )
        .order_by(table.c.id)
    )

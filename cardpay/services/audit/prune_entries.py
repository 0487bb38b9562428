"""Pruning the audit log: its oldest entries go, in such a way that the rest still verifies.

A signed tombstone stays in their place; without it the database's triggers refuse to delete
anything, and a verification finds the entries missing.
"""

from datetime import datetime
from itertools import takewhile
from typing import Final

from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.audit_chain import EMPTY, ChainReader, Head, key_of, same, tombstone_mac
from cardpay.domain.errors import CardpayError
from cardpay.services.audit.record_act import record
from cardpay.services.desk import Desk
from cardpay.storage.audit import stored_entries
from cardpay.storage.database.engine import Session
from cardpay.storage.schema.audit_tables import AuditTombstone

# Deleted in some tens of milliseconds, for which other writers wait on SQLite.
BATCH: Final = 1_000


class AuditLogBroken(CardpayError):
    """What is to be pruned is not what was written: it is evidence."""

    def __init__(self, problem: str) -> None:
        super().__init__(
            f"The audit log was tampered with, so nothing of it is pruned. {problem}",
            "Run python -m cardpay doctor --audit.",
        )


def prune_batch(desk: Desk, before: datetime) -> int:
    """Delete up to BATCH of the oldest entries, from before a time; how many those were.

    An entry stays while an older one behind which it stands stays. It is itself audited.
    AuditLogBroken, with nothing deleted.
    """
    key = desk.store.audit_keys[0]
    with desk.store.transaction() as session:
        begin = _beginning(desk, session)
        page = stored_entries.after(session, begin.number, BATCH)
        old = list(takewhile(lambda entry: entry.at < before, page))
        if not old:
            return 0
        reader = ChainReader(desk.store.audit_keys, begin)
        for entry in old:
            if problem := reader.take(entry):
                raise AuditLogBroken(problem.sentence)
        end = reader.end
        stone = AuditTombstone(
            number=end.number,
            entry_mac=end.mac,
            pruned_at=desk.now(),
            key_mark=key.mark,
            mac="",
        )
        stone.mac = tombstone_mac(key, stone)
        session.add(stone)
        session.flush()  # whoever is second is told so here, and the triggers look at it
        stored_entries.delete_range(session, begin.number + 1, end.number)
        record(
            session,
            SYSTEM,
            "audit.prune",
            ("audit_log", "all"),
            at=desk.now(),
            before={"first_entry": begin.number + 1},
            after={"first_entry": end.number + 1},
        )
    return len(old)


def _beginning(desk: Desk, session: Session) -> Head:
    """What the oldest entry follows."""
    stone = stored_entries.last_tombstone(session)
    if stone is None:
        return EMPTY
    key = key_of(desk.store.audit_keys, stone.key_mark)
    if key is None or not same(stone.mac, tombstone_mac(key, stone)):
        raise AuditLogBroken("The tombstone of the pruned entries was changed.")
    return Head(stone.number, stone.entry_mac)

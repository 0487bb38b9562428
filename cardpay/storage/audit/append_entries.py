"""Adding entries to the audit log's hash chain, as a transaction's last step before its commit.

Entries are collected while the transaction goes on and are numbered, chained and inserted at its
end, behind a lock on the head's row. Nothing else is locked or asked behind that lock, so nobody
waits for it longer than a commit takes, and no two transactions can wait for each other there. It
needs READ COMMITTED, PostgreSQL's default: whoever gets the lock reads what the one before
committed. On SQLite a transaction has the write lock from its beginning.
"""

from typing import Final

from sqlmodel import Session, select

from cardpay.domain.audit_chain import EMPTY, AuditKey, Head, entry_mac
from cardpay.storage.database.inserts import insert_if_absent
from cardpay.storage.schema.audit_tables import AuditEntry, AuditHead

_COLLECTED: Final = "audit_entries"


def begin(session: Session) -> None:
    """Let entries be collected in this session's transaction."""
    session.info[_COLLECTED] = []


def add(session: Session, entry: AuditEntry) -> None:
    """Collect an entry for the end of the transaction; it has no number and no MAC until then.

    RuntimeError outside of a transaction of a store that has an audit key.
    """
    collected = session.info.get(_COLLECTED)
    if collected is None:
        raise RuntimeError("acts are recorded in a transaction of a store with an audit key")
    collected.append(entry)


def append_collected(session: Session, key: AuditKey) -> Head | None:
    """Chain what was collected and add it to the session, to be committed at once.

    Returns the new head; None where nothing was collected.
    """
    collected: list[AuditEntry] = session.info[_COLLECTED]
    if not collected:
        return None
    session.flush()  # takes every other lock first
    row = _locked_head(session)
    for entry in collected:
        entry.id = row.number + 1
        entry.key_mark = key.mark
        entry.mac = entry_mac(key, entry, row.mac)
        row.number, row.mac = entry.id, entry.mac
    session.add_all(collected)
    return Head(row.number, row.mac)


def actor_ids(session: Session) -> frozenset[str]:
    """Whose acts were collected."""
    return frozenset(entry.actor_id for entry in session.info[_COLLECTED])


def _locked_head(session: Session) -> AuditHead:
    locked = select(AuditHead).with_for_update()
    row = session.exec(locked).one_or_none()
    if row is None:  # the first entry of all, or one of several transactions with the first
        insert_if_absent(session, AuditHead(number=EMPTY.number, mac=EMPTY.mac))
        row = session.exec(locked).one()
    return row

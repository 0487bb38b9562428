"""The sealer: chains what the audit log has gained, a batch at a time, in the background.

Acts never wait for it: it locks no entry, and its own transaction adds one row. An entry is sealed
once it is committed, whatever its id; on PostgreSQL a lower id may be committed after a higher
one, and goes into a later seal. A seal is committed before its head is written down: whoever is
killed in between, the next pass of any process writes it.
"""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from cardpay.domain.audit_chain import FIRST_MAC, AuditKey, entry_mac, pack, seal_mac
from cardpay.services.audit_heads import Head, HeadsFile
from cardpay.services.desk import Desk
from cardpay.services.periodic_task import GoOn, Repeating
from cardpay.storage import audit_seals
from cardpay.storage.database.engine import Duplicate, Session
from cardpay.storage.database.lease import LeaseLost, acquire_lease
from cardpay.storage.schema.tables import AuditSeal

# How long an entry may be changed without being found out; a quiet pass is two short reads.
EVERY: Final = timedelta(seconds=5)
BATCH: Final = 500
_NAME: Final = "audit seal"

_log = logging.getLogger("cardpay.audit")


def sealer(desk: Desk, keys: Sequence[AuditKey], heads: HeadsFile) -> Repeating:
    """The sealer of this process: at its start and every few seconds, one process at a time."""
    return Repeating("sealing the audit log", EVERY, Sealer(desk, keys, heads).seal)


class Sealer:
    """Seals with the first of `keys`; an earlier one may have made the seals before.

    It remembers which transactions were inserting when it last looked.
    """

    def __init__(self, desk: Desk, keys: Sequence[AuditKey], heads: HeadsFile) -> None:
        self._desk = desk
        self._key = keys[0]
        self._marks = {key.mark for key in keys}
        self._heads = heads
        self._published: tuple[int, str] | None = None
        self._watched: tuple[int, frozenset[str]] | None = None

    def seal(self, go_on: GoOn = lambda: True) -> None:
        """One pass: everything that is committed now. Nothing while another process seals."""
        if not self._is_due():
            return
        try:
            with acquire_lease(self._desk.store.engine, _NAME, self._desk.now) as lease:
                if lease is None:
                    return
                while go_on() and self._seal_batch():
                    lease.renew()
        except (LeaseLost, Duplicate):
            _log.warning("sealing stopped: another process has taken it over")

    def _is_due(self) -> bool:
        with self._desk.store.reading() as session:
            last = audit_seals.last_seal(session)
            if last is not None and self._published != (last.number, last.mac):
                return True
            drawn_id = audit_seals.drawn_id(session)
            return bool(audit_seals.unsealed(session, last.settled_id if last else 0, drawn_id, 1))

    def _seal_batch(self) -> bool:
        """Whether there may be more."""
        with self._desk.store.reading() as session:
            last = audit_seals.last_seal(session)
            number, previous_mac, settled_id = _end_of(session, last)
            drawn_id = audit_seals.drawn_id(session)
            settled_now = self._settled_now(session, drawn_id) or settled_id
            entries = audit_seals.unsealed(session, settled_id, drawn_id, BATCH)
        if last is not None:
            if last.key_mark not in self._marks:
                _log.error(
                    "the audit log is not sealed: its last seal was made with a key that "
                    "CARDPAY_AUDIT_KEY does not name"
                )
                return False
            self._make_up_for_head(last)
        if not entries:
            return False
        is_full = len(entries) == BATCH
        if is_full:  # behind it more may be waiting
            settled_now = min(settled_now, entries[-1].id)
        seal = AuditSeal(
            number=number + 1,
            sealed_at=self._desk.now(),
            entry_count=len(entries),
            last_entry_id=entries[-1].id,
            settled_id=max(settled_id, settled_now),
            sealed=_sealed(self._key, entries),
            previous_mac=previous_mac,
            key_mark=self._key.mark,
            mac="",
        )
        seal.mac = seal_mac(self._key, seal)
        with self._desk.store.transaction() as session:
            session.add(seal)
        self._publish(seal)
        return is_full

    def _settled_now(self, session: Session, drawn_id: int) -> int | None:
        """Up to which id every entry is committed or will never be, as far as known.

        Either nobody is inserting now, or all who were at an earlier look have ended.
        """
        inserting = audit_seals.inserting(session)
        if not inserting:
            self._watched = None
            return drawn_id
        settled = None
        if self._watched is not None and not self._watched[1] & inserting:
            settled = self._watched[0]
            self._watched = None
        if self._watched is None:
            self._watched = drawn_id, inserting
        return settled

    def _make_up_for_head(self, seal: AuditSeal) -> None:
        """Write down the last head, unless it stands there, or a later one does."""
        if self._published == (seal.number, seal.mac):
            return
        written = self._heads.last()
        if written is None or written.number < seal.number:
            self._publish(seal)
            return
        if written.number > seal.number or written.mac != seal.mac:
            _log.error(
                "the audit log ends at seal %d, which is not what was logged up to seal %d: "
                "run python -m cardpay doctor --audit",
                seal.number,
                written.number,
            )
        self._published = seal.number, seal.mac

    def _publish(self, seal: AuditSeal) -> None:
        head = Head(seal.number, seal.entry_count, seal.last_entry_id, seal.mac)
        _log.info("%s", head.words)
        if self._heads.append(head, seal.sealed_at):
            self._published = seal.number, seal.mac


def _end_of(session: Session, last: AuditSeal | None) -> tuple[int, str, int]:
    """What the next seal follows: a number, its MAC, and up to which id all is sealed."""
    if last is not None:
        return last.number, last.mac, last.settled_id
    stone = audit_seals.last_tombstone(session)
    return (stone.number, stone.seal_mac, stone.settled_id) if stone else (0, FIRST_MAC, 0)


def _sealed(key: AuditKey, entries: Sequence[Any]) -> bytes:
    return pack({entry.id: entry_mac(key, entry) for entry in entries})

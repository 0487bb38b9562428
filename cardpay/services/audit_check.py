"""Whether the audit log is what was sealed: every entry, every seal, and the logged heads.

It reads page by page, so that a log of millions needs no more memory than a short one. What it
cannot tell: an entry that was removed in the seconds before it was sealed, and one that somebody
wrote with the key in hand.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice
from typing import Final

from cardpay.domain.audit_chain import (
    FIRST_MAC,
    AuditKey,
    entry_mac,
    same,
    seal_mac,
    tombstone_mac,
    unpack,
)
from cardpay.services.audit_heads import Head
from cardpay.services.audit_signatures import Signatures
from cardpay.storage import audit_seals
from cardpay.storage.database.engine import Session, Store
from cardpay.storage.schema.tables import AuditSeal, AuditTombstone

# A log that was taken apart has more to tell than anybody reads.
MOST_PROBLEMS: Final = 200
_LOWEST_ID: Final = -(2**63)  # an entry of the desk's has none below 1, others may
_HIGHEST_ID: Final = 2**63 - 1
_SEALS_A_PAGE: Final = 20
_IDS_A_PAGE: Final = 5_000
_ENTRIES_A_PAGE: Final = 500
_HEADS_A_PAGE: Final = 500


@dataclass(frozen=True)
class AuditCheck:
    """What was found. `problems` are sentences; `more_problems` counts those beyond the first.

    `unsealed` entries wait for the sealer, the first of them since `unsealed_since`.
    """

    entries: int
    seals: int
    forgotten: int
    unsealed: int
    unsealed_since: datetime | None
    problems: tuple[str, ...]
    more_problems: int = 0


def check_audit(store: Store, keys: Sequence[AuditKey], heads: Iterable[Head]) -> AuditCheck:
    """Check everything that is there now.

    `heads` must have been opened before: a head that is written meanwhile belongs to a seal
    that this look does not see.
    """
    with audit_seals.snapshot(store) as session:
        return _Check(session, keys).carry_out(heads)


def seal_problems(
    session: Session, keys: Sequence[AuditKey], signatures: Signatures, seal: AuditSeal
) -> Iterator[str]:
    """What is wrong with one seal and its entries, the order of the chain apart."""
    key = _key_of(keys, seal)
    if key is None:
        yield f"Seal {seal.number} was made with a key that is not given."
        return
    if not same(seal.mac, seal_mac(key, seal)):
        yield f"Seal {seal.number} was changed."
    macs = unpack(seal.sealed)
    found = audit_seals.entries(session, macs)
    for entry_id, mac in macs.items():
        if entry_id not in found:
            yield f"Entry {entry_id} was removed."
        elif not same(mac, entry_mac(key, found[entry_id])):
            yield (
                f"Entry {entry_id} is not what was sealed: it was changed, or removed and its "
                "number used again."
            )
        elif problem := signatures.problem(found[entry_id]):
            yield problem


class _Check:
    """One check, seal by seal.

    `_open` are sealed ids above the last settled one: entries up to there are all known.
    """

    def __init__(self, session: Session, keys: Sequence[AuditKey]) -> None:
        self._session = session
        self._keys = keys
        self._signatures = Signatures(session, keys)
        self._problems: list[str] = []
        self._more = 0
        self._unknown_keys: list[int] = []
        self._key_in_use = len(keys)
        self._number, self._mac = 0, FIRST_MAC
        self._settled_id = _LOWEST_ID - 1
        self._open: set[int] = set()
        self._seals = self._entries = self._forgotten = 0
        self._unsealed = 0
        self._unsealed_since: datetime | None = None
        self._is_cut = False

    def carry_out(self, heads: Iterable[Head]) -> AuditCheck:
        """All of it."""
        stone = audit_seals.last_tombstone(self._session)
        if stone is not None:
            self._begin_behind(stone)
        try:
            self._read(heads)
        except (TypeError, ValueError):  # what SQLite keeps, a column's type may not read
            self._say(
                "The log could not be read to its end: what stands in an entry or a seal after "
                f"seal {self._number} was changed into what the desk never writes."
            )
        return AuditCheck(
            entries=self._entries,
            seals=self._seals,
            forgotten=self._forgotten,
            unsealed=self._unsealed,
            unsealed_since=self._unsealed_since,
            problems=tuple(self._problems),
            more_problems=self._more,
        )

    def _read(self, heads: Iterable[Head]) -> None:
        last_forgotten = self._number
        while seals := audit_seals.seals_after(self._session, self._number, _SEALS_A_PAGE):
            for seal in seals:
                self._take(seal)
            self._session.expunge_all()
        self._tell_unknown_keys()
        self._look_at_unsealed()
        for copy, entry_id in audit_seals.copies(self._session):
            self._say(f"Entry {copy} has the signature of entry {entry_id}: one is a copy.")
        self._compare(heads, last_forgotten)
        settled_id = max(self._settled_id, _LOWEST_ID)
        self._unsealed, self._unsealed_since = audit_seals.waiting(self._session, settled_id)

    def _begin_behind(self, stone: AuditTombstone) -> None:
        key = _key_of(self._keys, stone)
        if key is None:
            self._say("The note of what was forgotten was made with a key that is not given.")
        elif not same(stone.mac, tombstone_mac(key, stone)):
            self._say("The note of what was forgotten was changed.")
        self._forgotten = stone.entry_count
        self._number, self._mac = stone.number, stone.seal_mac
        self._settle(stone.settled_id)

    def _take(self, seal: AuditSeal) -> None:
        if seal.number != self._number + 1:
            self._is_cut = True
            missing = _numbers("Seal", self._number + 1, seal.number - 1)
            self._say(f"{missing} missing: the chain is cut.")
        elif not same(seal.previous_mac, self._mac):
            self._say(f"Seal {seal.number} does not follow the one before it: the chain is cut.")
        problems = list(seal_problems(self._session, self._keys, self._signatures, seal))
        key = _key_of(self._keys, seal)
        if key is None:
            self._unknown_keys.append(seal.number)
        else:
            self._tell(problems)
            self._watch_keys(seal, self._keys.index(key))
        macs = unpack(seal.sealed)
        self._open.update(macs)
        self._seals += 1
        self._entries += len(macs)
        self._number, self._mac = seal.number, seal.mac
        is_intact = key is not None and same(seal.mac, seal_mac(key, seal))
        if is_intact or key is None:
            self._settle(seal.settled_id)

    def _watch_keys(self, seal: AuditSeal, place: int) -> None:
        """The newest key stands first: once it is in use, no older one makes a seal."""
        if place > self._key_in_use:
            self._say(f"Seal {seal.number} was made with a key that was replaced before.")
        self._key_in_use = min(place, self._key_in_use)

    def _settle(self, settled_id: int) -> None:
        """Whatever has an id up to here, and stands in no seal, did not come by the desk."""
        while self._settled_id < settled_id:
            page = audit_seals.ids_between(
                self._session, self._settled_id, settled_id, _IDS_A_PAGE
            )
            for entry_id in page:
                if entry_id not in self._open:
                    self._say(_stands_in_no_seal(entry_id, is_cut=self._is_cut))
            self._settled_id = page[-1] if len(page) == _IDS_A_PAGE else settled_id
        self._open = {entry_id for entry_id in self._open if entry_id > settled_id}

    def _look_at_unsealed(self) -> None:
        """Nothing but its signature vouches for an entry that is not sealed yet."""
        next_id = self._settled_id + 1
        while next_id <= _HIGHEST_ID:
            page = audit_seals.entries_from(self._session, next_id, _ENTRIES_A_PAGE)
            for entry in page:
                if entry.id not in self._open and (problem := self._signatures.problem(entry)):
                    self._say(problem)
            next_id = page[-1].id + 1 if page else _HIGHEST_ID + 1

    def _compare(self, heads: Iterable[Head], last_forgotten: int) -> None:
        """With the heads that were logged, but for those of forgotten seals."""
        beyond: Head | None = None
        coming = iter(heads)
        while some := list(islice(coming, _HEADS_A_PAGE)):
            macs = audit_seals.macs_of(self._session, {head.number for head in some})
            for head in dict.fromkeys(some):
                if head.number > self._number:
                    beyond = max(beyond or head, head, key=lambda one: one.number)
                elif head.number > last_forgotten and (
                    head.number not in macs or not same(macs[head.number], head.mac)
                ):
                    self._say(
                        f"Seal {head.number} is not the one that was logged, which went up to "
                        f"entry {head.last_entry_id}: the chain was cut and made anew."
                    )
        if beyond is not None:
            self._say(
                f"The chain is cut: it ends at seal {self._number}, but seal {beyond.number} was "
                f"logged. Entries up to {beyond.last_entry_id} were removed, or their seals were."
            )

    def _tell_unknown_keys(self) -> None:
        for first, last in _runs(self._unknown_keys):
            self._say(
                f"{_numbers('Seal', first, last)} made with another key than the one given: "
                "the entries there could not be checked."
            )

    def _tell(self, problems: Iterable[str]) -> None:
        for problem in problems:
            self._say(problem)

    def _say(self, problem: str) -> None:
        if len(self._problems) < MOST_PROBLEMS:
            self._problems.append(problem)
        else:
            self._more += 1


def _key_of(keys: Sequence[AuditKey], made: AuditSeal | AuditTombstone) -> AuditKey | None:
    return next((key for key in keys if key.mark == made.key_mark), None)


def _stands_in_no_seal(entry_id: int, *, is_cut: bool) -> str:
    if is_cut:
        return f"Entry {entry_id} stands in no seal: it was inserted, or its seal was removed."
    return f"Entry {entry_id} was inserted: it stands in no seal."


def _numbers(what: str, first: int, last: int) -> str:
    """The beginning of a sentence: "Seal 3 is", "Seals 3 to 5 are"."""
    return f"{what} {first} is" if first == last else f"{what}s {first} to {last} are"


def _runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Neighbouring numbers, as first and last."""
    for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        members = [number for _, number in run]
        yield members[0], members[-1]

"""The audit log's hash chain: what each entry's MAC covers, and what a reader of the chain finds.

Entries are numbered from 1 without gaps. Each carries a MAC over its number, over all that it
says and over the MAC of the entry before it, so that without the key none can be changed, removed,
inserted or moved. A tombstone stands where the oldest entries were pruned on purpose. The head is
the end of the chain: written down outside the database it tells whether the end was cut off.
"""

import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final, Protocol

FIRST_MAC: Final = "0" * 64  # what the first entry follows


@dataclass(frozen=True)
class AuditKey:
    """A key. Its mark tells it from others without telling anything of it."""

    secret: bytes = field(repr=False)
    mark: str


def audit_key(text: str) -> AuditKey:
    """The key that a setting or a file holds."""
    secret = text.encode()
    return AuditKey(secret, _mac(secret, ["key"])[:16])


@dataclass(frozen=True)
class Head:
    """The end of the chain: its last entry's number and MAC."""

    number: int
    mac: str

    @property
    def words(self) -> str:
        """As it is logged and written down."""
        return f"entry={self.number} mac={self.mac}"


EMPTY: Final = Head(0, FIRST_MAC)  # the head of a log without entries


class Entry(Protocol):
    """What an audit entry says. `key_mark` names the key that its MAC was made with."""

    id: int
    at: datetime
    actor_id: str
    roles: str
    origin: str
    act: str
    subject_kind: str
    subject_id: str
    before: dict[str, Any]
    after: dict[str, Any]
    key_mark: str
    mac: str


class Tombstone(Protocol):
    """What stands for all entries up to `number`; `entry_mac` is the MAC of the last of them."""

    number: int
    entry_mac: str
    pruned_at: datetime
    key_mark: str
    mac: str


def entry_mac(key: AuditKey, entry: Entry, previous_mac: str) -> str:
    """The MAC of an entry that follows the one with `previous_mac`."""
    said = [
        "entry",
        entry.id,
        previous_mac,
        _time(entry.at),
        entry.actor_id,
        entry.roles,
        entry.origin,
        entry.act,
        entry.subject_kind,
        entry.subject_id,
        entry.before,
        entry.after,
    ]
    return _mac(key.secret, said)


def tombstone_mac(key: AuditKey, stone: Tombstone) -> str:
    """The MAC of a tombstone."""
    return _mac(key.secret, ["tombstone", stone.number, stone.entry_mac, _time(stone.pruned_at)])


def key_of(keys: Sequence[AuditKey], mark: str) -> AuditKey | None:
    """The key with this mark; None if it is not among them."""
    return next((key for key in keys if key.mark == mark), None)


def same(mac: str, other: str) -> bool:
    """Whether two MACs are equal, without telling by the time it takes where they differ."""
    return hmac.compare_digest(mac.encode(), other.encode())


class Fault(Enum):
    """What can be wrong with entries of the chain, in words that end a sentence."""

    REMOVED = "removed"
    INSERTED = "inserted: the log begins behind their numbers"
    CHANGED = "changed, moved or inserted, or what stood right before was"
    UNKNOWN_KEY = "written with a key that is not given, so they could not be verified"
    REPLACED_KEY = "written with a key that had been replaced before"


@dataclass(frozen=True)
class ChainProblem:
    """A fault of all entries from `first` to `last`."""

    fault: Fault
    first: int
    last: int

    @property
    def sentence(self) -> str:
        """ "Entry 4 was removed.", "Entries 4 to 9 were removed."."""
        if self.first == self.last:
            words = self.fault.value.replace("their numbers", "its number").replace("they", "it")
            return f"Entry {self.first} was {words}."
        return f"Entries {self.first} to {self.last} were {self.fault.value}."

    def with_next(self, other: "ChainProblem") -> "ChainProblem | None":
        """Both as one, if they are one fault of neighbours."""
        if self.fault is not other.fault or self.last + 1 != other.first:
            return None
        return ChainProblem(self.fault, self.first, other.last)


class ChainReader:
    """Follows the chain, entry by entry in the order of their numbers, from a known `end`.

    The newest key stands first among `keys`: once it is in use, no older one writes.
    """

    def __init__(self, keys: Sequence[AuditKey], end: Head) -> None:
        self._keys = keys
        self._key_in_use = len(keys)
        self.end = end

    def take(self, entry: Entry) -> ChainProblem | None:
        """What is wrong with the next entry; `end` is this entry afterwards."""
        previous = self.end
        if entry.id <= previous.number:
            return ChainProblem(Fault.INSERTED, entry.id, entry.id)
        self.end = Head(entry.id, entry.mac)
        if entry.id > previous.number + 1:
            # Without the MAC of the entry before it, this one cannot be verified.
            return ChainProblem(Fault.REMOVED, previous.number + 1, entry.id - 1)
        fault = self._fault(entry, previous)
        return ChainProblem(fault, entry.id, entry.id) if fault else None

    def _fault(self, entry: Entry, previous: Head) -> Fault | None:
        key = key_of(self._keys, entry.key_mark)
        if key is None:
            return Fault.UNKNOWN_KEY
        if not same(entry.mac, entry_mac(key, entry, previous.mac)):
            return Fault.CHANGED
        place = self._keys.index(key)
        if place > self._key_in_use:
            return Fault.REPLACED_KEY
        self._key_in_use = place
        return None


def _mac(secret: bytes, said: list[Any]) -> str:
    """JSON with sorted keys in ASCII is the same bytes on every machine and database."""
    told = json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
    return hmac.digest(secret, told, "sha256").hex()


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")

"""The audit log's signatures and its chain: what they vouch for, and with which key.

Each entry is signed by the process that writes it, so that nobody can add one without the key.
Each seal carries the MAC of the one before it, so that none can be taken out or changed without
the key. A tombstone stands where the oldest seals were forgotten on purpose.
"""

import hmac
import json
import secrets
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final, Protocol

FIRST_MAC: Final = "0" * 64  # what the first seal follows
_SEALED: Final = struct.Struct(">q32s")  # an entry's id and MAC


@dataclass(frozen=True)
class AuditKey:
    """A key. Its mark tells it from others without telling anything of it."""

    secret: bytes = field(repr=False)
    mark: str


def audit_key(text: str) -> AuditKey:
    """The key that a setting or a file holds."""
    secret = text.encode()
    return AuditKey(secret, _mac(secret, ["key"])[:16])


class Words(Protocol):
    """What an audit entry says."""

    at: datetime
    actor_id: str
    roles: str
    origin: str
    act: str
    subject_kind: str
    subject_id: str
    before: dict[str, Any]
    after: dict[str, Any]


class Entry(Words, Protocol):
    """An entry that is stored. `mac` is its signature."""

    id: int | None
    mac: str | None


class Seal(Protocol):
    """What a seal says; `sealed` are its entries' ids and MACs."""

    number: int
    sealed_at: datetime
    entry_count: int
    last_entry_id: int
    settled_id: int
    sealed: bytes
    previous_mac: str


class Tombstone(Protocol):
    """What stands for all seals up to `number`."""

    number: int
    seal_mac: str
    entry_count: int
    last_entry_id: int
    settled_id: int
    forgotten_at: datetime


def signature(key: AuditKey, entry: Words) -> str:
    """Of all that a new entry says: the key's mark, a nonce and a MAC.

    The id is not in it, since the database draws it later. By the nonce no two entries have the
    same signature, so that a copy of one is told from another entry that says the same.
    """
    return _signature(key, secrets.token_hex(16), entry)


def signed_with(mac: str) -> str:
    """The mark of the key that a signature names."""
    return mac.partition(":")[0]


def is_signed(key: AuditKey, entry: Entry) -> bool:
    """Whether an entry says what was signed with this key."""
    _, _, rest = (entry.mac or "").partition(":")
    return same(entry.mac or "", _signature(key, rest.partition(":")[0], entry))


def entry_mac(key: AuditKey, entry: Entry) -> bytes:
    """Of all that an entry says, its id and its signature included."""
    return bytes.fromhex(_mac(key.secret, ["entry", entry.id, entry.mac, *_words(entry)]))


def seal_mac(key: AuditKey, seal: Seal) -> str:
    """Of a seal, and so of everything before it."""
    said = [
        "seal",
        seal.number,
        _time(seal.sealed_at),
        seal.entry_count,
        seal.last_entry_id,
        seal.settled_id,
        sha256(seal.sealed).hexdigest(),
        seal.previous_mac,
    ]
    return _mac(key.secret, said)


def tombstone_mac(key: AuditKey, stone: Tombstone) -> str:
    """Of what was forgotten."""
    said = [
        "tombstone",
        stone.number,
        stone.seal_mac,
        stone.entry_count,
        stone.last_entry_id,
        stone.settled_id,
        _time(stone.forgotten_at),
    ]
    return _mac(key.secret, said)


def pack(macs: Mapping[int, bytes]) -> bytes:
    """Entries' ids and MACs as a seal keeps them: 40 bytes each."""
    return b"".join(_SEALED.pack(entry_id, mac) for entry_id, mac in macs.items())


def unpack(sealed: bytes) -> dict[int, bytes]:
    """The MAC of each entry's id. A record that is cut off is left out: the seal's MAC tells."""
    whole = len(sealed) - len(sealed) % _SEALED.size
    return dict(_SEALED.iter_unpack(sealed[:whole]))


def sealed_ids(seals: Iterable[bytes]) -> Iterator[int]:
    """The ids of all entries in some seals."""
    for sealed in seals:
        yield from unpack(sealed)


def same(mac: str | bytes, other: str | bytes) -> bool:
    """Whether two MACs are equal, without telling by the time it takes where they differ."""
    one, two = (part.encode() if isinstance(part, str) else part for part in (mac, other))
    return hmac.compare_digest(one, two)


def _mac(secret: bytes, said: list[Any]) -> str:
    """JSON with sorted keys in ASCII is the same bytes on every machine and database."""
    told = json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
    return hmac.digest(secret, told, "sha256").hex()


def _signature(key: AuditKey, nonce: str, entry: Words) -> str:
    return f"{key.mark}:{nonce}:{_mac(key.secret, ['signature', nonce, *_words(entry)])}"


def _words(entry: Words) -> list[Any]:
    return [
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


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")

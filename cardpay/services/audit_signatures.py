"""Whether each audit entry was written by the desk: its signature tells.

Entries of versions before the signatures have none. They come first: once one was signed, all that
follow are. A transaction that commits late has a lower id, and is signed as well.
"""

from collections.abc import Sequence

from cardpay.domain.audit_chain import AuditKey, Entry, is_signed, signed_with
from cardpay.storage import audit_seals
from cardpay.storage.database.engine import Session

_FIRST_ID = 1  # no entry of the desk's has an id below


class Signatures:
    """What the entries of one log should bear, with any of `keys`."""

    def __init__(self, session: Session, keys: Sequence[AuditKey]) -> None:
        self._keys = {key.mark: key for key in keys}
        self._first_signed_id = audit_seals.first_signed_id(session)

    def problem(self, entry: Entry) -> str | None:
        """What is wrong with an entry's signature; None for nothing."""
        assert entry.id is not None
        if entry.mac is None:
            first = self._first_signed_id
            if entry.id < _FIRST_ID or (first is not None and entry.id > first):
                return f"Entry {entry.id} was inserted: nobody at the desk wrote it."
            return None
        key = self._keys.get(signed_with(entry.mac))
        if key is None:
            return (
                f"Entry {entry.id} was changed or inserted: it names no key of the desk's, or one "
                "that is not given."
            )
        if not is_signed(key, entry):
            return (
                f"Entry {entry.id} was changed or inserted: its signature is not that of the desk."
            )
        return None

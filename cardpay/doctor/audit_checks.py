"""The audit log: whether it is sealed, and whether that could be undone unseen."""

import os
from datetime import timedelta
from typing import Final

from cardpay.doctor.findings import Finding, fail, ok, warn
from cardpay.doctor.surroundings import Surroundings
from cardpay.doctor.words import about
from cardpay.domain.errors import StartRefused
from cardpay.services.desk import Mode
from cardpay.settings.audit import audit_keys
from cardpay.storage import audit_seals
from cardpay.storage.database.open_existing import sqlite_file
from cardpay.storage.schema.tables import AuditSeal

# The sealer looks every few seconds.
_UNSEALED: Final = timedelta(minutes=5)


def key(around: Surroundings) -> Finding | None:
    """Whether there is a key to seal with, and it is the one that sealed last."""
    if around.other_problem:
        return None
    last = _last_seal(around)
    try:
        keys = audit_keys(around.settings, make=False)
    except StartRefused as refused:
        if last is None and isinstance(refused.__cause__, FileNotFoundError):
            return ok("There is no key yet: one is made when the desk first starts.")
        return fail(refused.sentence, "The README's section on the audit log says how.")
    if last is not None and last.key_mark not in {one.mark for one in keys}:
        return fail(
            "The last seal was made with another key, so nothing more is sealed.",
            "Name that key in CARDPAY_AUDIT_KEY, behind the one that replaces it.",
        )
    return ok("There is a key to seal the log with.")


def sealed(around: Surroundings) -> Finding | None:
    """Whether anything waits for a seal for too long."""
    if around.store is None:
        return None
    with around.store.reading() as session:
        end = audit_seals.last_seal(session) or audit_seals.last_tombstone(session)
        count, since_at = audit_seals.waiting(session, end.settled_id if end else 0)
    if since_at is not None and around.now() - since_at > _UNSEALED:
        return warn(
            f"{count:,} entries are not sealed, the oldest since "
            f"{about(around.now() - since_at)}: the desk is not running, or its sealer fails.",
            "Start the desk; if that does not help, its log says why.",
        )
    return ok("Nothing waits long for a seal.")


def heads(around: Surroundings) -> Finding | None:
    """Whether the seals' heads are written down outside the database."""
    if around.other_problem or _last_seal(around) is None:
        return None
    file = around.settings.heads_file.path
    do = "Correct CARDPAY_AUDIT_HEADS, or let the desk's user write there."
    if not file.is_file():
        return warn(f"There are seals, and no file of their heads at {file}.", do)
    if not os.access(file, os.W_OK):
        return warn(f"The file of the seals' heads cannot be written: {file}.", do)
    return ok("The seals' heads are written down.")


def place(around: Surroundings) -> Finding | None:
    """Whether the heads are out of reach of whoever can change the database."""
    database = sqlite_file(around.settings.database)
    if around.other_problem or around.mode is not Mode.LIVE or database is None:
        return None
    heads_folder = around.settings.heads_file.path.resolve().parent
    if heads_folder != database.resolve().parent:
        return ok("The seals' heads are in another place than the database.")
    return warn(
        "The seals' heads are beside the database: whoever can change one can change both.",
        "Name a file in another place in CARDPAY_AUDIT_HEADS, and collect the desk's log.",
    )


def _last_seal(around: Surroundings) -> AuditSeal | None:
    if around.store is None:
        return None
    with around.store.reading() as session:
        return audit_seals.last_seal(session)

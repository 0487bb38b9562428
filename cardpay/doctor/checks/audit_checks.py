"""The audit log: its key, and whether its end could be cut off unseen."""

import os

from cardpay.doctor.check_context import CheckContext
from cardpay.doctor.durations import about
from cardpay.doctor.findings import Finding, fail, ok, warn
from cardpay.domain.audit_chain import key_of
from cardpay.domain.errors import StartRefused
from cardpay.domain.stripe_account import Mode
from cardpay.services.audit.write_heads import head_state
from cardpay.settings.audit import audit_keys
from cardpay.storage.audit import stored_entries
from cardpay.storage.audit.heads_file import HeadsFile
from cardpay.storage.database.open_existing import sqlite_file


def key(context: CheckContext) -> Finding | None:
    """Whether there is a key, and it is the one that the last entry was written with."""
    if context.other_problem:
        return None
    mark = None
    if context.store is not None:
        with context.store.reading() as session:
            mark = stored_entries.last_key_mark(session)
    try:
        keys = audit_keys(context.settings, make=False)
    except StartRefused as refused:
        if mark is None and isinstance(refused.__cause__, FileNotFoundError):
            return ok("There is no key yet: one is made when the desk first starts.")
        return fail(refused.sentence, "docs/audit.md says how.")
    if mark is not None and key_of(keys, mark) is None:
        return fail(
            "The last entry was written with another key.",
            "Name that key in CARDPAY_AUDIT_KEY, behind the one that replaces it.",
        )
    return ok("There is a key for the hash chain.")


def heads(context: CheckContext) -> Finding | None:
    """Whether the head of the hash chain is written down outside the database."""
    if context.other_problem or context.store is None:
        return None
    path = context.settings.heads_path
    state = head_state(context.store, HeadsFile(path))
    if state.head.number == 0:
        return None
    do = "Correct CARDPAY_AUDIT_HEADS, or let the desk's user write there; then start the desk."
    if state.unwritten_since is not None and state.lags(context.now()):
        return fail(
            f"The head of the audit log was not written to {path} for "
            f"{about(context.now() - state.unwritten_since)}.",
            do,
        )
    if path.exists() and not os.access(path, os.W_OK):
        return warn(f"The file of the audit log's heads cannot be written: {path}.", do)
    return ok("The head of the audit log is written down.")


def place(context: CheckContext) -> Finding | None:
    """Whether the heads are out of reach of whoever can change the database."""
    database = sqlite_file(context.settings.database)
    if context.other_problem or context.mode is not Mode.LIVE or database is None:
        return None
    heads_folder = context.settings.heads_path.resolve().parent
    if heads_folder != database.resolve().parent:
        return ok("The audit log's heads are in another place than the database.")
    return warn(
        "The audit log's heads are beside the database: whoever can change one can change both.",
        "Name a file in another place in CARDPAY_AUDIT_HEADS, and collect the desk's log.",
    )

"""Whether files with keys or people's data can be read by others on the machine."""

import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from cardpay.doctor.check_context import CheckContext
from cardpay.doctor.findings import Finding, fail, ok, warn
from cardpay.domain.stripe_account import Mode
from cardpay.storage.database.open_existing import sqlite_file

_OTHERS: Final = stat.S_IROTH | stat.S_IWOTH
_GROUP: Final = stat.S_IRGRP | stat.S_IWGRP
_WAY_IN: Final = stat.S_IXGRP | stat.S_IXOTH
# Where keys may stand, beside the environment.
KEY_FILES: Final = (Path(".env"), Path(".streamlit/secrets.toml"))


def database_file(context: CheckContext) -> Finding | None:
    """The SQLite file, and its log."""
    file = sqlite_file(context.settings.database)
    if file is None or not file.is_file():
        return None
    return _judged(context, [file, Path(f"{file}-wal")], "names, e-mails and amounts")


def key_files(context: CheckContext) -> Finding | None:
    """`.env` and Streamlit's secrets, where there are any."""
    there = [file for file in KEY_FILES if file.is_file()]
    return _judged(context, there, "keys and secrets") if there else None


def _judged(context: CheckContext, files: Iterable[Path], holds: str) -> Finding:
    exposed = [str(file) for file in files if file.is_file() and _is_exposed(file)]
    if not exposed or context.mode is Mode.DEMO:
        what = "holds nothing of value" if exposed else "is for its owner alone"
        return ok(f"The file {what}.")
    what = f"Others on this machine can read {', '.join(exposed)}: {holds} are in it."
    do = f"chmod 600 {' '.join(exposed)}"
    return fail(what, do) if context.mode is Mode.LIVE else warn(what, do)


def _is_exposed(file: Path) -> bool:
    """Whether group or others may read or write it, and may come as far as its folder."""
    if not file.stat().st_mode & (_OTHERS | _GROUP):
        return False
    return all(folder.stat().st_mode & _WAY_IN for folder in file.resolve().parents)

"""Opening a database that must exist already, if need be only to read it.

`connect` creates what is missing: right for the desk, wrong for commands that inspect a database.
"""

from pathlib import Path
from typing import Final
from urllib.parse import quote

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from cardpay.storage.database.engine import connect, sqlite_begin

_CONNECT_SECONDS: Final = 5
_STATEMENT_SECONDS: Final = 5


DatabaseError = SQLAlchemyError  # it cannot be opened, read or written

# Signs in a driver's message, and our words for them: its own may quote the address.
_REASONS: Final = (
    ("refused", "nothing answers at its address"),
    ("password", "it does not accept the user or the password"),
    ("does not exist", "there is no such database, user or table"),
    ("translate host", "its host name is not known"),
    ("timeout", "it does not answer in time"),
    ("timed out", "it does not answer in time"),
    ("not a database", "the file is no database"),
    ("malformed", "the file is damaged"),
    ("unable to open", "the file cannot be opened"),
    ("permission denied", "access is denied"),
)


class DatabaseMissing(Exception):
    """There is no such file. `file` is where it was looked for."""

    def __init__(self, file: Path) -> None:
        self.file = file
        super().__init__(f"there is no file {file}")


def sqlite_file(database_url: str) -> Path | None:
    """The file of an SQLite database; None for any other."""
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return None
    return Path(url.database)


def connect_existing(database_url: str) -> Engine:
    """As `connect`, for a database that exists; a server is asked at first use.

    Raises DatabaseMissing.
    """
    _require(database_url)
    return connect(database_url)


def connect_to_read(database_url: str) -> Engine:
    """An engine that cannot write and gives up after some seconds. Raises DatabaseMissing."""
    file = _require(database_url)
    if file is not None:
        name = quote(str(file.resolve()))
        # Without a log nobody has the file open: then SQLite need not create one to read it.
        alone = "" if Path(f"{file}-wal").exists() else "&immutable=1"
        engine = create_engine(
            f"sqlite:///file:{name}?mode=ro{alone}&uri=true",
            connect_args={"timeout": _CONNECT_SECONDS, "isolation_level": None},
            execution_options={"cardpay_reads_only": True},
        )
        event.listen(engine, "begin", sqlite_begin)
        return engine
    url = make_url(database_url)
    if url.drivername in {"postgresql", "postgres"}:
        url = url.set(drivername="postgresql+psycopg")
    limits = f"-c default_transaction_read_only=on -c statement_timeout={_STATEMENT_SECONDS}s"
    return create_engine(
        url, connect_args={"connect_timeout": _CONNECT_SECONDS, "options": limits}
    )


def reason_of(error: DatabaseError) -> str:
    """Why a database cannot be used, in words without its address or password."""
    said = str(getattr(error, "orig", error)).casefold()
    for sign, words in _REASONS:
        if sign in said:
            return words
    return type(error).__name__


def _require(database_url: str) -> Path | None:
    file = sqlite_file(database_url)
    if file is not None and not file.is_file():
        raise DatabaseMissing(file)
    return file

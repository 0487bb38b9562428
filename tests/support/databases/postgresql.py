"""A PostgreSQL server of the tests' own: started when first needed, thrown away at the end."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from tests.support.processes.waiting import wait_for

_SUPERUSER = "cardpay"
_SETTINGS = {"listen_addresses": "", "max_connections": "200"}
# What need not survive the loss of power does not wait for the disk.
_FORGETFUL = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}

# A change writes or removes a row of one of these, and a copy of the database has the same rows.
_SHAPE = (
    " UNION ALL ".join(
        f"SELECT '{catalogue}', count(*), max(xmin::text::bigint) FROM {catalogue}"
        for catalogue in ("pg_class", "pg_attribute", "pg_constraint", "pg_trigger", "pg_proc")
    )
    + " UNION ALL SELECT 'what the planner knows', count(*), sum(reltuples)::bigint FROM pg_class"
)
_DISCONNECT_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_HOW_TO_EMPTY = """
SELECT format('DELETE FROM %I', tablename) FROM pg_tables
WHERE schemaname = 'public' AND tablename <> 'alembic_version'
UNION ALL
SELECT format('SELECT setval(%L, %s, false)', seqrelid::regclass, seqstart) FROM pg_sequence
"""

Shape = list[tuple[str, int, int]]


class PostgresqlMissing(RuntimeError):
    """The tests need PostgreSQL, and say so rather than leave half of themselves out."""


class Cluster:
    """A running server, which gives out databases by URL."""

    def __init__(self, sockets: Path) -> None:
        self._sockets = sockets
        self._numbers = count(1)

    def url(self, name: str) -> str:
        """Where a database is."""
        return f"postgresql://{_SUPERUSER}@/{name}?host={self._sockets}"

    def new(self, template: str = "template0") -> str:
        """The name of a new database, a copy of `template`, to which nobody is connected."""
        name = f"test_{next(self._numbers)}"
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop(self, name: str) -> None:
        """Away with a database, whoever is still connected."""
        self.run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def renamed(self, name: str) -> str:
        """The new name of a database to which nobody is connected."""
        new_name = f"test_{next(self._numbers)}"
        self.run(f'ALTER DATABASE "{name}" RENAME TO "{new_name}"')
        return new_name

    def shape(self, name: str) -> Shape:
        """What changes with its tables, indexes, triggers, functions and statistics."""
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            return _shape(connection)

    def emptied(self, name: str, shape: Shape) -> bool:
        """Take all rows out, but for the migration's, whoever is connected; False if it cannot.

        It can where nothing but rows was changed since the database had this shape.
        """
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            connection.execute(_DISCONNECT_OTHERS)
            if _shape(connection) != shape:
                return False
            connection.execute("SET session_replication_role = replica")  # no triggers
            statements = connection.execute(_HOW_TO_EMPTY).fetchall()
            connection.execute(b"; ".join(statement.encode() for (statement,) in statements))
            return True

    def asked(self, question: str) -> Any:
        """The one answer to a question."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            row = connection.execute(question.encode()).fetchone()
            assert row is not None
            return row[0]

    def run(self, statement: str) -> None:
        """Execute a statement in no database that a test has."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())


class Standby:
    """A running replica of a server."""

    def __init__(self, server: Cluster) -> None:
        self._server = server

    def url(self, name: str) -> str:
        """Where its copy of a database is."""
        return self._server.url(name)

    def asked(self, question: str) -> Any:
        """The one answer to a question."""
        return self._server.asked(question)

    def catch_up(self, primary: Cluster) -> None:
        """Wait until it has applied all that the server has written."""
        written = primary.asked("SELECT pg_current_wal_lsn()")
        applied = f"SELECT pg_last_wal_replay_lsn() >= '{written}'"
        wait_for(lambda: self._server.asked(applied), "the replica stays behind")

    def pause(self) -> None:
        """Apply nothing from here on."""
        self._server.run("SELECT pg_wal_replay_pause()")
        state = "SELECT pg_get_wal_replay_pause_state()"
        wait_for(lambda: self._server.asked(state) == "paused", "the replica does not pause")

    def resume(self) -> None:
        """Apply again what is written."""
        self._server.run("SELECT pg_wal_replay_resume()")


def _shape(connection: psycopg.Connection) -> Shape:
    return connection.execute(_SHAPE).fetchall()


@contextmanager
def cluster(*, durable: bool = False, autovacuum: bool = True) -> Iterator[Cluster]:
    """Start a server that only its Unix socket reaches; PostgresqlMissing.

    `durable`: each commit waits for the disk, as where real money is booked. Without
    `autovacuum`, nothing but the tests themselves changes what the planner knows.
    """
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="cardpay-postgresql-"))
    data = folder / "data"
    try:
        _give_away(folder)
        subprocess.run(
            [*_as_owner(), str(programs / "initdb"), *_initdb_options(data)],
            check=True,
            cwd=folder,
            stdout=subprocess.DEVNULL,
        )
        chosen = _SETTINGS if durable else _SETTINGS | _FORGETFUL
        chosen = chosen | {"autovacuum": "on" if autovacuum else "off"}
        with _running(programs, folder, chosen) as made:
            yield made
    finally:
        shutil.rmtree(folder)


@contextmanager
def standby_of(primary: Cluster) -> Iterator[Standby]:
    """Start a streaming replica of a server, with all its databases."""
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="cardpay-standby-"))
    options = ["--checkpoint=fast", "--no-sync", "--write-recovery-conf"]
    source = ["--dbname", primary.url("postgres"), "--pgdata", str(folder / "data")]
    try:
        _give_away(folder)
        subprocess.run(
            [*_as_owner(), str(programs / "pg_basebackup"), *source, *options],
            check=True,
            cwd=folder,
        )
        # Who reads what has to be applied gives way at once.
        chosen = _SETTINGS | _FORGETFUL | {"max_standby_streaming_delay": "0"}
        with _running(programs, folder, chosen) as made:
            yield Standby(made)
    finally:
        shutil.rmtree(folder)


@contextmanager
def _running(programs: Path, folder: Path, settings: dict[str, str]) -> Iterator[Cluster]:
    """The server of a folder that its user may write to, while it runs."""
    chosen = [part for item in settings.items() for part in ("-c", "=".join(item))]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [
                *_as_owner("--pdeathsig", "QUIT"),  # a killed test run takes it along
                str(programs / "postgres"),
                *("-D", str(folder / "data"), "-k", str(folder), *chosen),
            ],
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        made = Cluster(folder)
        _wait_until_up(made, server, folder / "log")
        yield made
    finally:
        server.send_signal(signal.SIGINT)  # PostgreSQL's "fast" shutdown
        server.wait()


def _programs() -> Path:
    """The newest installed server's programs: Debian keeps them off the PATH."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"),
        key=lambda program: int(program.parts[-3]),
    )
    on_path = shutil.which("postgres")
    if found:
        return found[-1].parent
    if on_path:
        return Path(on_path).parent
    raise PostgresqlMissing(
        "These tests need a PostgreSQL server's programs (initdb, postgres): on Debian, "
        "apt-get install postgresql."
    )


def _initdb_options(data: Path) -> list[str]:
    # Sorted by language, as a production database compares, not by code point.
    collation = ["--locale-provider=icu", "--icu-locale=en-GB", "--locale=C.UTF-8"]
    return [
        "-D",
        str(data),
        "-U",
        _SUPERUSER,
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-sync",
        *collation,
    ]


def _as_owner(*options: str) -> list[str]:
    """PostgreSQL refuses to run as root: then it runs as the user of Debian's package."""
    if os.geteuid() == 0:
        options += ("--reuid", "postgres", "--regid", "postgres", "--clear-groups")
    return ["setpriv", *options] if options else []


def _give_away(folder: Path) -> None:
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)


def _wait_until_up(made: Cluster, server: subprocess.Popen[bytes], log: Path) -> None:
    def why() -> str:
        return f"PostgreSQL did not start: {log.read_text()}"

    def is_up_or_over() -> bool:
        try:
            psycopg.connect(made.url("postgres")).close()
        except psycopg.OperationalError:
            return server.poll() is not None
        return True

    wait_for(is_up_or_over, why)
    if server.poll() is not None:
        raise AssertionError(why())

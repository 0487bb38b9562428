"""Migrated databases for tests, each a copy of one that was migrated once."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine

from cardpay.storage import migrate
from cardpay.storage.engine import connect
from tests.support.postgresql import Cluster

Fill = Callable[[Engine], None]


class Databases(Protocol):
    """One kind of database."""

    @property
    def kind(self) -> str:
        """SQLAlchemy's name for it."""

    def template(self, fill: Fill = migrate.upgrade) -> str:
        """The name of a database to copy from, made by `fill` out of an empty one."""

    def copy(self, template: str | None = None) -> AbstractContextManager[str]:
        """The URL of a new database for a while: a copy of `template`, else an empty one."""


class SqliteFiles:
    """Databases as files in one folder."""

    kind = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)

    def template(self, fill: Fill = migrate.upgrade) -> str:
        """A file; closing its last connection folds the write-ahead log into it."""
        file = self._new()
        _filled(f"sqlite:///{file}", fill)
        return str(file)

    @contextmanager
    def copy(self, template: str | None = None) -> Iterator[str]:
        """A file of its own."""
        file = self._new()
        if template is not None:
            shutil.copy(template, file)
        yield f"sqlite:///{file}"
        file.unlink(missing_ok=True)

    def _new(self) -> Path:
        return self._folder / f"test_{next(self._numbers)}.db"


class PostgresqlDatabases:
    """Databases in one server."""

    kind = "postgresql"

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def template(self, fill: Fill = migrate.upgrade) -> str:
        """A database that nobody is connected to afterwards."""
        name = self._cluster.new()
        _filled(self._cluster.url(name), fill)
        return name

    @contextmanager
    def copy(self, template: str | None = None) -> Iterator[str]:
        """A database of its own, dropped so that a long run does not fill the disk."""
        name = self._cluster.new(template or "template0")
        try:
            yield self._cluster.url(name)
        finally:
            self._cluster.drop(name)


def _filled(url: str, fill: Fill) -> None:
    engine = connect(url)
    try:
        fill(engine)
    finally:
        engine.dispose()

"""Migrated databases for tests, each a copy of one that was migrated once."""

import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine

from cardpay.storage.database import migrate
from cardpay.storage.database.engine import connect
from tests.support.databases.postgresql import Cluster, Shape

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
    """Databases in one server.

    Making and dropping one takes a hundred times as long as emptying it. So what was copied from
    a template without rows is emptied after its use, and lent again under another name: who
    still has the old one finds nothing. Where a test changed tables or triggers, it is dropped.
    """

    kind = "postgresql"

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._shapes: dict[str, Shape] = {}  # of the templates without rows
        self._spare: defaultdict[str, list[str]] = defaultdict(list)

    def template(self, fill: Fill = migrate.upgrade) -> str:
        """A database that nobody is connected to afterwards."""
        name = self._cluster.new()
        _filled(self._cluster.url(name), fill)
        if fill is migrate.upgrade:
            self._shapes[name] = self._cluster.shape(name)
        return name

    @contextmanager
    def copy(self, template: str | None = None) -> Iterator[str]:
        """A database of its own; it does not stay, so that a long run does not fill the disk."""
        source = template or "template0"
        spare = self._spare[source]
        name = self._cluster.renamed(spare.pop()) if spare else self._cluster.new(source)
        try:
            yield self._cluster.url(name)
        finally:
            if source in self._shapes and self._cluster.emptied(name, self._shapes[source]):
                spare.append(name)
            else:
                self._cluster.drop(name)


def _filled(url: str, fill: Fill) -> None:
    engine = connect(url)
    try:
        fill(engine)
    finally:
        engine.dispose()

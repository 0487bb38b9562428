"""Exports that are built in the background, one after the other, and kept for their makers.

A file outlives the page, the browser and the sign-in of whoever asked for it, and is for them
alone. What they filter by may hold a name, so it is in this process's memory and nowhere else:
whatever a process had not finished when it ended is ended.
"""

import re
import shutil
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import uuid4
from zoneinfo import ZoneInfo

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.errors import CardpayError
from cardpay.domain.exports.exported_files import (
    LISTED,
    UNDER_WAY,
    ExportCanceled,
    ExportKind,
    ExportNotFound,
    ExportState,
    FileFormat,
    TooManyExports,
)
from cardpay.exports.list_files.write_list import write_list
from cardpay.logs.logger import failure, get_logger
from cardpay.reporting.exported_lists.exported_filters import filter_words, refuse_card_data
from cardpay.reporting.exported_lists.list_columns import Asked
from cardpay.reporting.exported_lists.list_registry import LISTS
from cardpay.services.audit.record_reading import note_list_export
from cardpay.services.desk import Desk
from cardpay.services.periodic_task import PeriodicTask, ShouldContinue
from cardpay.storage.exports import export_files
from cardpay.storage.schema.tables import ExportFile

_log = get_logger(__name__)

EVERY: Final = timedelta(minutes=5)
"""How often it is looked for what has expired, and for what another process has left."""
GONE: Final = timedelta(minutes=2)
"""A process that has not been at its exports for so long has ended."""

# After each stretch, this share of the time that it took is left to other threads: the interpreter
# runs one at a time, and somebody may be taking a payment.
_REST: Final = 0.3
_SEEN_SECONDS: Final = 1.0
# What the builder made in its folder, by its name; what else lies there is none of its business.
_OURS: Final = re.compile(rf"([0-9a-f-]{{36}})\.(?:part|{'|'.join(FileFormat)})")
_STOPPED: Final = "The desk was restarted, and the export stopped. Export again."
_UNEXPECTED: Final = "Something went wrong in the desk, and the export stopped. Export again."


@dataclass(frozen=True)
class _Job:
    export_id: str
    actor: Actor
    kind: ExportKind
    chosen: Any
    file_format: FileFormat


@dataclass
class ExportBuilder:
    """Builds the exports of this process, and removes those that have expired.

    `zone` is that of business days; a file is kept for `lifetime` from when it was asked for.
    """

    desk: Desk
    folder: Path
    zone: ZoneInfo
    lifetime: timedelta
    task: PeriodicTask = field(init=False)
    _waiting: deque[_Job] = field(init=False, default_factory=deque)

    def __post_init__(self) -> None:
        """The task is started by whoever starts the process's background work."""
        self.task = PeriodicTask("exports", EVERY, self.work)

    def file_of(self, export: ExportFile) -> Path:
        """Where the file is, once it is done."""
        return self.folder / f"{export.id}.{export.file_format}"

    def begin(self, actor: Actor, kind: ExportKind, chosen: Any, file_format: FileFormat) -> str:
        """Have a file built of what `chosen`, the list's own filter, finds; return its id.

        Their files that the page no longer lists expire: else the disk would fill with them.
        Raises NotAllowed, SignedOut, CardDataRefused, TooManyExports.
        """
        _require(actor, kind)
        refuse_card_data(chosen)
        now, export_id, maker = self.desk.now(), str(uuid4()), actor.actor_id
        with self.desk.store.transaction() as session:
            under_way = export_files.count_under_way(session, maker, kind, now - GONE)
            if under_way >= LISTED:
                raise TooManyExports(under_way)
            export_files.expire_unlisted(session, maker, kind, now)
            session.add(
                ExportFile(
                    id=export_id,
                    maker=maker,
                    kind=kind,
                    file_format=file_format,
                    filter_words=filter_words(chosen),
                    state=ExportState.WAITING,
                    created_at=now,
                    seen_at=now,
                    expires_at=now + self.lifetime,
                )
            )
        self._waiting.append(_Job(export_id, actor, kind, chosen, file_format))
        self.task.wake()
        return export_id

    def cancel(self, actor: Actor, export_id: str) -> None:
        """End an export of the actor's that is under way, wherever it is built.

        Raises NotAllowed, SignedOut, ExportNotFound.
        """
        export = self.own(actor, export_id)
        with self.desk.store.transaction() as session:
            export_files.end(session, export_files.named(export.id), ExportState.CANCELED)

    def own(self, actor: Actor, export_id: str) -> ExportFile:
        """An export of the actor's. Raises NotAllowed, SignedOut, ExportNotFound."""
        actor.require(Permission.EXPORT_PAYMENTS)
        with self.desk.store.reading() as session:
            found = session.get(ExportFile, export_id)
        if found is None or found.maker != actor.actor_id or found.expires_at <= self.desk.now():
            raise ExportNotFound
        _require(actor, ExportKind(found.kind))
        return found

    def listed(self, actor: Actor, kind: ExportKind) -> Sequence[ExportFile]:
        """The actor's exports of a list that have not expired, newest first.

        One whose process has gone has failed, whether or not that was written down yet. Without
        a check of the session: a page looks at this by itself, every second.
        """
        now = self.desk.now()
        with self.desk.store.reading() as session:
            found = export_files.of_maker(session, actor.actor_id, kind, now)
        for one in found:
            if one.state in UNDER_WAY and one.seen_at < now - GONE:
                one.state, one.problem = ExportState.FAILED, _STOPPED
        return found

    def work(self, go_on: ShouldContinue = lambda: True) -> None:
        """Build what waits, in the order it was asked for; remove what has expired."""
        self._tidy()
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        while self._waiting and go_on():
            self._build(self._waiting[0], go_on)
            self._waiting.popleft()
        for job in self._waiting:  # the process ends
            self._end(job.export_id, ExportState.FAILED, problem=_STOPPED)

    def _build(self, job: _Job, go_on: ShouldContinue) -> None:
        """Build one file; whatever happens, the export has ended afterwards."""
        parts = self.folder / f"{job.export_id}.part"
        try:
            parts.mkdir(mode=0o700)
            unfinished = parts / f"export.{job.file_format}"
            unfinished.touch(mode=0o600)
            objects = self._write(job, unfinished, go_on)
            size = unfinished.stat().st_size
            unfinished.replace(self.folder / f"{job.export_id}.{job.file_format}")
            self._end(job.export_id, ExportState.DONE, objects=objects, size_bytes=size)
        except ExportCanceled:
            if not go_on():
                self._end(job.export_id, ExportState.FAILED, problem=_STOPPED)
        except CardpayError as error:
            self._end(job.export_id, ExportState.FAILED, problem=error.what)
        except Exception as error:  # noqa: BLE001 - else it would seem to run for ever
            _log.error("an export failed", kind=job.kind, **failure(error))
            self._end(job.export_id, ExportState.FAILED, problem=_UNEXPECTED)
        finally:
            shutil.rmtree(parts, ignore_errors=True)

    def _write(self, job: _Job, unfinished: Path, go_on: ShouldContinue) -> int:
        """Write the file, and write down in the audit log that it is ready."""
        tell_at = 0.0

        def tell(objects: int) -> None:
            nonlocal tell_at
            if not go_on():
                raise ExportCanceled
            if time.monotonic() >= tell_at:
                self._tell(job.export_id, objects)
                tell_at = time.monotonic() + _SEEN_SECONDS

        tell(0)
        asked = Asked(job.actor, job.chosen, self.zone, self.desk.now())
        target = (unfinished, job.file_format)
        written = write_list(
            self.desk.store, job.kind, asked, target, zone=self.zone, tell=tell, rest=_REST
        )
        self._tell(job.export_id, written.objects)
        facts: dict[str, str | int | bool | None] = {
            "rows": written.objects,
            "format": job.file_format,
            "filter": filter_words(job.chosen),
        }
        note_list_export(self.desk.store, job.actor, self.desk.now(), job.kind, facts)
        return written.objects

    def _tell(self, export_id: str, objects: int) -> None:
        """Write down how far it is. Raises ExportCanceled once it has ended."""
        now = self.desk.now()
        with self.desk.store.transaction() as session:
            export_files.mark_seen(session, [job.export_id for job in self._waiting], now)
            if not export_files.mark_running(session, export_id, objects, now):
                raise ExportCanceled

    def _end(self, export_id: str, state: ExportState, **facts: Any) -> None:
        with self.desk.store.transaction() as session:
            export_files.end(session, export_files.named(export_id), state, **facts)

    def _tidy(self) -> None:
        """End what another process has left; remove rows and files that have expired."""
        now = self.desk.now()
        with self.desk.store.transaction() as session:
            gone = export_files.not_seen_since(now - GONE)
            export_files.end(session, gone, ExportState.FAILED, problem=_STOPPED)
            export_files.remove_expired(session, now)
            known = export_files.known_ids(session)
        for found in self.folder.iterdir() if self.folder.is_dir() else ():
            ours = _OURS.fullmatch(found.name)
            if ours is None or ours[1] in known:
                continue
            if found.is_dir():
                shutil.rmtree(found, ignore_errors=True)
            else:
                found.unlink(missing_ok=True)


def _require(actor: Actor, kind: ExportKind) -> None:
    actor.require(Permission.EXPORT_PAYMENTS)
    actor.require(LISTS[kind].permission)

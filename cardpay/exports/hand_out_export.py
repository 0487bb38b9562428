"""Handing out a finished export: to its maker, recorded in the audit log, and only then."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from cardpay.domain.access.actor import Actor
from cardpay.domain.exports.exported_files import ExportNotFound, ExportState, FileFormat
from cardpay.exports.export_builder import ExportBuilder
from cardpay.services.audit.record_reading import note_export_taken
from cardpay.storage.schema.tables import ExportFile

_MIME: Final = {
    FileFormat.CSV: "text/csv",
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileFormat.PARQUET: "application/vnd.apache.parquet",
}


@dataclass(frozen=True)
class HandedOut:
    """A file, with the name and the type that its reader gets it by."""

    file: Path
    name: str
    mime: str


def hand_out_export(builder: ExportBuilder, actor: Actor, export_id: str) -> HandedOut:
    """The file of one of the actor's exports that is done.

    Raises NotAllowed, SignedOut, ExportNotFound.
    """
    export = builder.own(actor, export_id)
    file = builder.file_of(export)
    if export.state != ExportState.DONE or not file.is_file():
        raise ExportNotFound
    note_export_taken(builder.desk, actor, export.id, export.kind)
    return HandedOut(file, _name(export, builder.zone), _MIME[FileFormat(export.file_format)])


def _name(export: ExportFile, zone: ZoneInfo) -> str:
    """ "payments-2026-11-30-140311.xlsx", in business time."""
    at = export.created_at.astimezone(zone)
    return f"{export.kind}-{at:%Y-%m-%d-%H%M%S}.{export.file_format}"

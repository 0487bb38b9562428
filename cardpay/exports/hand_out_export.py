"""Handing out a finished export: to its maker, recorded in the audit log, and only then."""

from typing import Final
from zoneinfo import ZoneInfo

from cardpay.domain.access.actor import Actor
from cardpay.domain.exports.exported_files import ExportNotFound, ExportState, FileFormat
from cardpay.exports.export_builder import ExportBuilder
from cardpay.exports.handed_out import HandedOut
from cardpay.services.audit.record_reading import note_export_taken
from cardpay.storage.schema.tables import ExportFile

_MIME: Final = {
    FileFormat.CSV: "text/csv",
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileFormat.PARQUET: "application/vnd.apache.parquet",
}


def hand_out_export(builder: ExportBuilder, actor: Actor, export_id: str) -> HandedOut:
    """The file of one of the actor's exports that is done.

    Raises NotAllowed, SignedOut, ExportNotFound.
    """
    export = builder.own(actor, export_id)
    if export.state != ExportState.DONE:
        raise ExportNotFound
    try:
        content = builder.file_of(export).open("rb")
    except FileNotFoundError:
        raise ExportNotFound from None
    try:
        mime = _MIME[FileFormat(export.file_format)]
        handed_out = HandedOut(content, _name(export, builder.zone), mime)
        note_export_taken(builder.desk, actor, export.id, export.kind)
    except BaseException:
        content.close()
        raise
    return handed_out


def _name(export: ExportFile, zone: ZoneInfo) -> str:
    """ "payments-2026-11-30-140311.xlsx", in business time."""
    at = export.created_at.astimezone(zone)
    return f"{export.kind}-{at:%Y-%m-%d-%H%M%S}.{export.file_format}"

"""Exporting payments: a file is built, counted and recorded in the audit log, then handed out.

A large one is a ZIP archive with the CSV in it: pages hand a file to the browser from memory, and
a million payments are some 300 MB of CSV.
"""

import shutil
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import IO, Final

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.exports.payments_csv import write_payments
from cardpay.reporting.payments.payment_filter import PaymentFilter
from cardpay.services.audit.record_reading import note_payments_export
from cardpay.services.desk import Desk

# About 50,000 payments: spreadsheets open a CSV with a double click, and a ZIP with two.
ZIP_FROM_BYTES: Final = 16 * 1024 * 1024
_PIECE_BYTES: Final = 1024 * 1024
_FASTEST: Final = 1  # a third larger than zlib's default, in a fifth of the time


@dataclass
class PaymentsExport:
    """A finished export. Its file has no name on disk, and is deleted with this object."""

    name: str
    mime: str
    payments: int
    size_bytes: int
    _file: IO[bytes]
    _reading: Lock = field(default_factory=Lock, repr=False)

    def content(self, actor: Actor) -> bytes:
        """The whole file. Raises NotAllowed, SignedOut if the actor may no longer have it."""
        actor.require(Permission.EXPORT_PAYMENTS)
        with self._reading:  # two downloads at once share the file's position
            self._file.seek(0)
            return self._file.read()


def export_payments(
    desk: Desk,
    actor: Actor,
    chosen: PaymentFilter,
    *,
    zone: str,
    tell: Callable[[int], None] = lambda _: None,
) -> PaymentsExport:
    """Build the file of what `chosen` finds; `zone` is that of the business day.

    `tell` is called with the number of payments so far. Raises NotAllowed, CardDataRefused,
    SignedOut: then nothing has left the desk.
    """
    now = desk.now()
    stem = f"payments-{now:%Y-%m-%d-%H%M%S}"
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - it outlives this function
    payments = write_payments(desk.store, actor, chosen, file, zone=zone, now=now, tell=tell)
    name, mime = f"{stem}.csv", "text/csv"
    if file.tell() >= ZIP_FROM_BYTES:
        file = _zipped(file, name)
        name, mime = f"{stem}.zip", "application/zip"
    size_bytes = file.seek(0, 2)
    note_payments_export(desk, actor, chosen.statuses, chosen.search, payments)
    return PaymentsExport(name, mime, payments, size_bytes, file)


def _zipped(file: IO[bytes], name: str) -> IO[bytes]:
    """The same file in an archive; the original is closed."""
    archive: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - the caller keeps it
    with (
        file,
        zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=_FASTEST) as packed,
        packed.open(name, "w", force_zip64=True) as inside,
    ):
        file.seek(0)
        shutil.copyfileobj(file, inside, _PIECE_BYTES)
    return archive

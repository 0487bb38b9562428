"""Export of the listed payments: built in the background with progress, then downloaded.

The page stays usable meanwhile, and can be left and reopened. One export at a time is built in a
process: several at once would slow each other down, and everybody's pages.
"""

import logging
import threading
from dataclasses import dataclass, field
from typing import Final

import streamlit as st

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.errors import CardpayError
from cardpay.exports.payments_export import PaymentsExport, export_payments
from cardpay.reporting.payments.payment_filter import PaymentFilter
from cardpay.services.desk import Desk
from components.frame import session_state
from components.frame.desk_access import business_time_zone, keep_session_active
from components.widgets.amounts import count
from components.widgets.messages import message_box

_log = logging.getLogger("cardpay")

_SECONDS: Final = 0.5
_MIB: Final = 1024 * 1024
_UNEXPECTED: Final = "Something went wrong in the desk and the export stopped. Start it again."


@dataclass
class ExportJob:
    """One export of one person, built by a thread and shown by their page.

    A plain object, so that a rerun of the page never leaves it half written.
    """

    chosen: PaymentFilter
    written: int = 0
    is_queued: bool = True
    export: PaymentsExport | None = None
    problem: str | None = None
    ended: threading.Event = field(default_factory=threading.Event)

    def run(self, desk: Desk, actor: Actor, zone: str) -> None:
        """Build the file; an error is kept in `problem` as a sentence."""
        try:
            with _TURN:
                self.is_queued = False
                self.export = export_payments(desk, actor, self.chosen, zone=zone, tell=self._tell)
        except CardpayError as error:
            self.problem = error.what
        except BaseException as error:  # noqa: BLE001 - else it would seem to run for ever
            _log.error("an export failed: %s", type(error).__name__)  # its message may be personal
            self.problem = _UNEXPECTED
        finally:
            self.ended.set()

    def _tell(self, written: int) -> None:
        self.written = written


_TURN: Final = threading.Lock()
_STARTING: Final = threading.Lock()


def export_button(desk: Desk, actor: Actor, chosen: PaymentFilter) -> None:
    """Draw the button that exports what is listed, for those who may."""
    if not actor.may(Permission.EXPORT_PAYMENTS):
        return
    job = session_state.export_job(ExportJob)
    st.button(
        "Export",
        icon=":material/file_save:",
        key="payments.export",
        help="Export all payments that match the filters, as CSV",
        disabled=job is not None and not job.ended.is_set(),
        on_click=_start,
        args=(desk, actor, chosen, business_time_zone()),
    )


def export_status(actor: Actor, chosen: PaymentFilter) -> None:
    """Draw the export's progress or its download; nothing once another filter is chosen."""
    job = session_state.export_job(ExportJob)
    if job is None or job.chosen != chosen:
        return
    if not job.ended.is_set():
        st.fragment(_progress, run_every=_SECONDS)(job)
    elif job.export is None:
        message_box("error", job.problem or _UNEXPECTED)
    else:
        _download(actor, job.export)


def _start(desk: Desk, actor: Actor, chosen: PaymentFilter, zone: str) -> None:
    """The button's callback; a double click starts one export."""
    keep_session_active()
    with _STARTING:
        job = session_state.export_job(ExportJob)
        if job is not None and not job.ended.is_set():
            return
        job = ExportJob(chosen)
        session_state.set_export_job(job)
    # A daemon, so that the process can end: nothing has been handed out before it is done.
    threading.Thread(target=job.run, args=(desk, actor, zone), name="export", daemon=True).start()


def _progress(job: ExportJob) -> None:
    if job.ended.is_set():
        st.rerun()
    words = (
        "Another export is running. Yours starts next." if job.is_queued else _so_far(job.written)
    )
    st.info(words, icon=":material/hourglass_top:")


def _so_far(written: int) -> str:
    return f"Exporting: {count(written, 'payment')} so far. You can keep working."


def _download(actor: Actor, export: PaymentsExport) -> None:
    size = f"{export.size_bytes / _MIB:,.1f} MB"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            f"Download {count(export.payments, 'payment')} ({size})",
            data=lambda: export.content(actor),
            file_name=export.name,
            mime=export.mime,
            icon=":material/download:",
            type="primary",
            key=f"payments.download.{export.name}",
            on_click="ignore",
        )

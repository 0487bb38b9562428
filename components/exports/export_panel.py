"""Export of what a list is filtered by: asked for, watched, cancelled and downloaded in one place.

The file is built in the background; the page can be left, and so can the desk: files wait for
their maker until they expire.
"""

from typing import Any, Final

import streamlit as st

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.errors import CardpayError
from cardpay.domain.exports.exported_files import (
    UNDER_WAY,
    ExportKind,
    ExportState,
    FileFormat,
)
from cardpay.exports.export_builder import ExportBuilder
from cardpay.reporting.exported_lists.list_registry import LISTS
from cardpay.storage.schema.tables import ExportFile
from components.exports.export_links import export_link
from components.frame import session_state
from components.frame.desk_access import (
    business_time_zone,
    current_application,
    keep_session_active,
)
from components.frame.error_messages import logged_sentence
from components.frame.session_state import uninterrupted
from components.widgets.amounts import count
from components.widgets.messages import show_result, small_text
from components.widgets.plain_text import plain
from components.widgets.times import short_time

_SECONDS: Final = 1.0
_FORMATS: Final = {
    FileFormat.XLSX: "Excel",
    FileFormat.CSV: "CSV",
    FileFormat.PARQUET: "Parquet",
}
_MIB: Final = 1024 * 1024


def export_panel(actor: Actor, kind: ExportKind, chosen: Any) -> None:
    """Draw the button "Export" and what is behind it, for those who may.

    `chosen` is the list's own filter: all that it finds is exported, whatever the page shows.
    """
    if not (actor.may(Permission.EXPORT_PAYMENTS) and actor.may(LISTS[kind].permission)):
        return
    builder = current_application().exports
    with st.popover("Export", icon=":material/download:", key=f"{kind}.export"):
        st.segmented_control(
            "Format",
            list(FileFormat),
            default=FileFormat.XLSX,
            required=True,
            format_func=_FORMATS.__getitem__,
            key=_format_key(kind),
            on_change=keep_session_active,
        )
        small_text("All that the list finds, not only this page.")
        st.button(
            "Create file",
            key=f"{kind}.export.begin",
            on_click=uninterrupted(_begin),
            args=(builder, actor, kind, chosen),
        )
        show_result(_panel(kind))
        is_under_way = any(one.state in UNDER_WAY for one in builder.listed(actor, kind))
        st.fragment(_files, run_every=_SECONDS if is_under_way else None)(
            builder, actor, kind, watching=is_under_way
        )


def _begin(
    builder: ExportBuilder,
    actor: Actor,
    kind: ExportKind,
    chosen: Any,
) -> None:
    """The button's callback: takes the format as it is at the click."""
    keep_session_active()
    # A message that no page of ours sends may press the button of a panel that was never drawn.
    file_format = FileFormat(st.session_state.get(_format_key(kind)) or FileFormat.XLSX)
    session_state.set_result(_panel(kind), None)
    try:
        builder.begin(actor, kind, chosen, file_format)
    except CardpayError as error:
        session_state.set_result(_panel(kind), ("error", logged_sentence(error)))


def _cancel(builder: ExportBuilder, actor: Actor, kind: ExportKind, export_id: str) -> None:
    """The button's callback."""
    keep_session_active()
    try:
        builder.cancel(actor, export_id)
    except CardpayError as error:
        session_state.set_result(_panel(kind), ("error", logged_sentence(error)))


def _files(builder: ExportBuilder, actor: Actor, kind: ExportKind, *, watching: bool) -> None:
    """The person's files of this list. While one is built this is drawn again by itself."""
    files = builder.listed(actor, kind)
    if watching and not any(one.state in UNDER_WAY for one in files):
        if files[0].state == ExportState.DONE:
            link = export_link(files[0].id)
            st.toast(f"Your export is built: [Download the file]({link})", icon=":material/task:")
        st.rerun()
    for one in files:
        if one.state != ExportState.CANCELED:
            with st.container(key=f"export-{one.id}"):
                _file(builder, actor, kind, one)


def _file(builder: ExportBuilder, actor: Actor, kind: ExportKind, one: ExportFile) -> None:
    noun, zone = LISTS[kind].noun, business_time_zone()
    asked = f"{_FORMATS[FileFormat(one.file_format)]}, {short_time(one.created_at, zone)}"
    about = f"{one.filter_words or 'Everything'} · {asked}"
    if one.state == ExportState.DONE:
        size = f"{max(one.size_bytes / _MIB, 0.1):,.1f} MB"
        st.link_button(
            f"Download {count(one.objects, noun)} ({size})",
            export_link(one.id),
            icon=":material/download:",
            key=f"export.{one.id}",
        )
        small_text(f"{about} · until {short_time(one.expires_at, zone)}")
    elif one.state == ExportState.FAILED:
        st.error(plain(one.problem or "The export stopped. Export again."))
        small_text(about)
    else:
        words = "Waiting for another export" if one.state == ExportState.WAITING else "Exporting"
        st.info(
            f"{words}: {count(one.objects, noun)} so far. You can keep working: the file is built "
            "in the background, and its link comes here."
        )
        small_text(about)
        st.button(
            "Cancel",
            key=f"export.cancel.{one.id}",
            on_click=uninterrupted(_cancel),
            args=(builder, actor, kind, one.id),
        )


def _panel(kind: ExportKind) -> str:
    return f"export.{kind}"


def _format_key(kind: ExportKind) -> str:
    return f"{kind}.export.format"

"""The Import history panel: brings past payments, refunds, disputes and fees from Stripe."""

from datetime import date, timedelta
from typing import Final

import streamlit as st

from cardpay.domain.access.actor import Actor
from cardpay.reporting.operations.history_reports import ImportReport
from cardpay.services.desk import Desk
from cardpay.services.history.begin_import import FIRST_DAY, import_history
from components.frame.desk_access import keep_session_active
from components.frame.session_state import uninterrupted
from components.operations import background_threads
from components.operations.background_threads import Progress, Run, Tell, Work
from components.operations.progress_bar import show_progress, start, unfinished
from components.widgets.amounts import count
from components.widgets.description_list import description_list
from components.widgets.messages import small_text
from components.widgets.panel import panel
from components.widgets.times import in_zone, long

_IMPORT: Final = "import"
_SINCE: Final = "operations.import_since"


def import_panel(desk: Desk, actor: Actor, report: ImportReport | None, zone: str) -> None:
    """Draw the last import and the button that starts one."""
    run = background_threads.WORK.last(_IMPORT)
    with panel(_IMPORT, "Import history", _status(report, run)):
        small_text(
            "Imports past payments, refunds, disputes and fees from Stripe. Nothing is charged or "
            "changed at Stripe."
        )
        if report is not None:
            description_list(_last_run(report, run, zone))
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.date_input(
                "Since (optional)",
                value=None,
                min_value=FIRST_DAY,
                max_value=desk.now().date(),
                key=_SINCE,
                width=280,
                on_change=keep_session_active,
            )
            st.button(
                "Import history",
                icon=":material/history:",
                key="operations.import",
                on_click=uninterrupted(_start),
                args=(desk, actor),
            )
        show_progress(_IMPORT, run)


def _status(report: ImportReport | None, run: Run | None) -> tuple[str, str]:
    if run is not None and run.is_running:
        return "Running", "info"
    if report is None:
        return "Not run yet", "neutral"
    if report.problem is not None:
        return "Stopped", "error"
    return ("Not finished", "warning") if report.finished_at is None else ("Done", "success")


def _last_run(report: ImportReport, run: Run | None, zone: str) -> dict[str, str]:
    end = report.problem or unfinished(run)
    if report.finished_at is not None:
        end = in_zone(report.finished_at, zone)
    since = f"Since {report.since_at.day} {report.since_at:%b %Y}" if report.since_at else "All"
    return {
        "Last run": f"{since}, started {in_zone(report.started_at, zone)}",
        "Ended": end,
        "Imported": count(report.imported, "object"),
    }


def _start(desk: Desk, actor: Actor) -> None:
    """The button's callback: takes the date as it is at the click."""
    since: date | None = st.session_state.get(_SINCE)
    start(_IMPORT, _import(desk, actor, since))


def _import(desk: Desk, actor: Actor, since: date | None) -> Work:
    def work(tell: Tell) -> str:
        done = import_history(
            desk,
            actor,
            since=since,
            progress=lambda now: tell(
                Progress(
                    now.share,
                    f"{count(now.done_objects, 'object')}, {now.objects_per_second:,.0f} per "
                    f"second{_remaining(now.remaining_seconds)}",
                )
            ),
        )
        return f"Import finished: {count(done.objects, 'object')} in total."

    return work


def _remaining(seconds: float | None) -> str:
    return f", about {long(timedelta(seconds=seconds))} left" if seconds else ""

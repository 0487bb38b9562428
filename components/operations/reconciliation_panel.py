"""The Reconciliation panel: compares payments with Stripe's and lists the differences."""

from datetime import datetime
from typing import Final

import streamlit as st

from cardpay.bootstrap import Application
from cardpay.domain.access.actor import Actor
from cardpay.domain.history.reconciliation_rules import Gap
from cardpay.domain.history.reconciliation_schedule import FIRST_LOOK
from cardpay.reporting.operations.history_reports import HistoryReport, ReconciliationReport
from cardpay.services.desk import Desk
from cardpay.services.history.begin_reconciliation import reconcile
from cardpay.services.history.periodic_reconciliation import first_gap
from components.frame.session_state import uninterrupted
from components.operations import background_threads
from components.operations.background_threads import Progress, Run, Tell, Work
from components.operations.progress_bar import show_progress, start, unfinished
from components.widgets.amounts import count
from components.widgets.description_list import description_list
from components.widgets.messages import small_text
from components.widgets.panel import panel
from components.widgets.plain_text import plain
from components.widgets.times import in_zone, long, time_column

_RECONCILIATION: Final = "reconciliation"


def reconciliation_panel(
    application: Application, actor: Actor, stored: HistoryReport, zone: str
) -> None:
    """Draw the last run, its differences, any gap, and the button that starts a run."""
    report = stored.reconciliation
    run = background_threads.WORK.last(_RECONCILIATION)
    desk, minutes = application.desk, application.settings.reconcile_minutes
    gap = first_gap(desk.store, desk.account)
    with panel(_RECONCILIATION, "Reconciliation", _status(report, run, gap)):
        schedule = f" Runs every {minutes} minutes." if minutes else ""
        small_text(
            "Compares payments here with Stripe, corrects differences and lists them below."
            + schedule
        )
        if report is None:
            st.info("Not run yet.")
        else:
            description_list(_last_run(report, run, zone))
        if gap is not None:
            st.warning(plain(_gap_warning(gap, desk.now(), minutes, zone)))
        st.button(
            "Reconcile now",
            icon=":material/sync:",
            key="operations.reconcile",
            on_click=uninterrupted(start),
            args=(_RECONCILIATION, _compare(desk, actor)),
        )
        show_progress(_RECONCILIATION, run)
        if not stored.differences.empty:
            st.dataframe(
                stored.differences,
                hide_index=True,
                alt="Differences between this desk and Stripe, newest first",
                column_config={"Found": time_column(zone)},
            )
        elif report is not None:
            small_text("No differences found so far.")


def _gap_warning(gap: Gap, now: datetime, minutes: int, zone: str) -> str:
    then = (
        "The next scheduled run will compare it."
        if minutes
        else f"To compare it, run `python -m cardpay reconcile --since {gap.hours_back(now)}h`."
    )
    return (
        f"There's a gap: payments created from {in_zone(gap.since_at, zone)} to "
        f"{in_zone(gap.until_at, zone)} have not been compared. {then}"
    )


def _status(
    report: ReconciliationReport | None, run: Run | None, gap: Gap | None
) -> tuple[str, str]:
    if run is not None and run.is_running:
        return "Running", "info"
    if report is None:
        return "Not run yet", "neutral"
    if report.problem is not None:
        return "Stopped", "error"
    if report.finished_at is None:
        return "Not finished", "warning"
    if gap is not None:
        return "Gap", "warning"
    if report.differences:
        return f"{count(report.differences, 'difference')} found", "warning"
    return "No differences", "success"


def _last_run(report: ReconciliationReport, run: Run | None, zone: str) -> dict[str, str]:
    end = report.problem or unfinished(run)
    if report.finished_at is not None and report.problem is None:
        end = f"After {long(report.finished_at - report.started_at)}"
    return {
        "Last run": in_zone(report.started_at, zone),
        "Ended": end,
        "Compared": f"{count(report.compared, 'Stripe object')}, created from "
        f"{in_zone(report.since_at, zone)} to {in_zone(report.until_at, zone)}",
        "Differences": f"{report.differences:,}",
    }


def _compare(desk: Desk, actor: Actor) -> Work:
    def work(tell: Tell) -> str:
        done = reconcile(
            desk,
            actor,
            since=desk.now() - FIRST_LOOK,
            progress=lambda now: tell(
                Progress(
                    now.step / now.steps,
                    f"{now.doing}: {count(now.objects, 'object')} compared, "
                    f"{count(now.differences, 'difference')} found",
                )
            ),
        )
        return (
            f"Reconciliation finished: {count(done.objects, 'object')} compared, "
            f"{count(done.differences, 'difference')} found."
        )

    return work

"""Looking back: the comparison with Stripe, the import of the past, and what reading costs."""

from datetime import date, datetime, timedelta
from typing import Final

import streamlit as st

from cardpay.bootstrap import Application
from cardpay.domain.access.actor import Actor
from cardpay.reporting.operations.history_reports import (
    HistoryReport,
    ImportReport,
    ReconciliationReport,
    history_report,
)
from cardpay.services.desk import Desk
from cardpay.services.history import read_budget
from cardpay.services.history.import_history import FIRST_DAY, import_history
from cardpay.services.history.reconciliation import reconcile
from cardpay.services.history.reconciliation_schedule import FIRST_LOOK, Gap, first_gap
from components.frame import session
from components.frame.desk_access import still_here
from components.operations import background_work
from components.operations.background_work import Progress, Run, Tell, Work
from components.widgets.facts import facts
from components.widgets.panel import aside, box, panel, show_answer
from components.widgets.plain_text import plain
from components.widgets.times import in_zone, long, time_column
from components.widgets.words import count

_RECONCILIATION: Final = "reconciliation"
_BACKFILL: Final = "backfill"
_SINCE: Final = "operations.backfill_since"
_RUNNING_ALREADY: Final = (
    "info",
    "It is running already: this click has started nothing more. You may leave this page, it "
    "goes on.",
)
# From so much of the month's reads on, it is worth knowing.
_NEARLY_SPENT: Final = 0.8


def history_panels(application: Application, actor: Actor, zone: str) -> None:
    """Three panels, from one look at what is stored."""
    desk = application.desk
    stored = history_report(desk.store, actor)
    _reconciliation_panel(application, actor, stored, zone)
    _backfill_panel(desk, actor, stored.last_import, zone)
    _budget_panel(desk)


def _reconciliation_panel(
    application: Application, actor: Actor, stored: HistoryReport, zone: str
) -> None:
    report = stored.reconciliation
    run = background_work.WORK.last(_RECONCILIATION)
    desk, minutes = application.desk, application.settings.reconcile_minutes
    left_out = first_gap(desk.store, desk.account)
    with panel(_RECONCILIATION, "Reconciliation", _reconciliation_word(report, run, left_out)):
        by_itself = f" It runs by itself every {minutes} minutes." if minutes else ""
        aside(
            "Compares the payments here with Stripe's, corrects what differs, and lists it below."
            + by_itself
        )
        if report is None:
            st.info("Nothing has been compared yet.")
        else:
            facts(_reconciliation_facts(report, run, zone))
        if left_out is not None:
            st.warning(plain(_left_out(left_out, desk.now(), minutes, zone)))
        st.button(
            "Reconcile now",
            icon=":material/sync:",
            key="operations.reconcile",
            on_click=_start,
            args=(_RECONCILIATION, _compare(desk, actor)),
        )
        _how_it_goes(_RECONCILIATION, run)
        if not stored.differences.empty:
            st.dataframe(
                stored.differences,
                hide_index=True,
                alt="Differences found between this desk and Stripe, newest first",
                column_config={"Found": time_column(zone)},
            )
        elif report is not None:
            aside("No difference has been found so far.")


def _left_out(left_out: Gap, now: datetime, minutes: int, zone: str) -> str:
    then = (
        "The next run that the desk makes by itself goes over it."
        if minutes
        else "No run goes over it by itself: use `python -m cardpay reconcile --since "
        f"{left_out.hours_back(now)}h`."
    )
    return (
        f"What was created from {in_zone(left_out.since_at, zone)} to "
        f"{in_zone(left_out.until_at, zone)} has not been compared. {then}"
    )


def _reconciliation_word(
    report: ReconciliationReport | None, run: Run | None, left_out: Gap | None
) -> tuple[str, str]:
    if run is not None and run.is_running:
        return "Running", "info"
    if report is None:
        return "Not yet", "neutral"
    if report.problem is not None:
        return "Stopped", "error"
    if report.finished_at is None:
        return "Not finished", "warning"
    if left_out is not None:
        return "Not all compared", "warning"
    if report.differences:
        return f"{count(report.differences, 'difference')} found", "warning"
    return "No differences", "success"


def _reconciliation_facts(
    report: ReconciliationReport, run: Run | None, zone: str
) -> dict[str, str]:
    end = report.problem or _unfinished(run)
    if report.finished_at is not None and report.problem is None:
        end = f"In {long(report.finished_at - report.started_at)}"
    return {
        "Last run": in_zone(report.started_at, zone),
        "Ended": end,
        "Compared": f"{count(report.compared, 'object')} of Stripe's, created from "
        f"{in_zone(report.since_at, zone)} to {in_zone(report.until_at, zone)}",
        "Differences": f"{report.differences:,}",
    }


def _unfinished(run: Run | None) -> str:
    """What is known of work without an end: other processes' work is not seen here."""
    if run is not None and run.is_running:
        return "Not yet"
    return "Not yet: it runs in another process, or was cut off and can be started again"


def _backfill_panel(desk: Desk, actor: Actor, report: ImportReport | None, zone: str) -> None:
    run = background_work.WORK.last(_BACKFILL)
    with panel(_BACKFILL, "Backfill", _backfill_word(report, run)):
        aside(
            "Imports payments, refunds, disputes and fees of the past from Stripe. What is here "
            "already stays; nothing is charged or changed at Stripe."
        )
        if report is not None:
            facts(_backfill_facts(report, run, zone))
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.date_input(
                "Since (empty: from the beginning)",
                value=None,
                min_value=FIRST_DAY,
                max_value=desk.now().date(),
                key=_SINCE,
                width=280,
                on_change=still_here,
            )
            st.button(
                "Backfill",
                icon=":material/history:",
                key="operations.backfill",
                on_click=_start_backfill,
                args=(desk, actor),
            )
        _how_it_goes(_BACKFILL, run)


def _backfill_word(report: ImportReport | None, run: Run | None) -> tuple[str, str]:
    if run is not None and run.is_running:
        return "Running", "info"
    if report is None:
        return "Not yet", "neutral"
    if report.problem is not None:
        return "Stopped", "error"
    return ("Not finished", "warning") if report.finished_at is None else ("Done", "success")


def _backfill_facts(report: ImportReport, run: Run | None, zone: str) -> dict[str, str]:
    end = report.problem or _unfinished(run)
    if report.finished_at is not None:
        end = in_zone(report.finished_at, zone)
    since = f"{report.since_at:%d %b %Y}".lstrip("0") if report.since_at else "the beginning"
    return {
        "Last run": f"Since {since}, begun {in_zone(report.started_at, zone)}",
        "Ended": end,
        "Imported": count(report.imported, "object"),
    }


def _budget_panel(desk: Desk) -> None:
    spent = read_budget.spent(desk)
    allowed = desk.read_budget
    share = min(1.0, spent / allowed) if allowed else 0.0
    word = ("In order", "success")
    if share >= 1:
        word = ("Used up", "error")
    elif share >= _NEARLY_SPENT:
        word = ("Nearly used up", "warning")
    with panel("budget", "Reads of Stripe this month", word):
        if allowed:
            st.progress(share, text=f"{spent:,} of {allowed:,} used")
        else:
            st.text(f"{spent:,} used, without a limit")
        aside(
            "Stripe allots how often a desk may ask. Reconciliation stops when the month's reads "
            "are used up, backfill when a fifth is left; taking payments never does. "
            "CARDPAY_READ_BUDGET sets it."
        )


def _start(name: str, work: Work) -> None:
    """A click, a second click, or somebody else's: one run."""
    still_here()
    started = background_work.WORK.start(name, work)
    run = background_work.WORK.last(name)
    if run is not None:
        session.follow(name, run.started_at)
    session.set_answer(name, None if started else _RUNNING_ALREADY)


def _how_it_goes(name: str, run: Run | None) -> None:
    """The bar while it runs; then, for whoever has seen it run, how it ended."""
    if run is None:
        return
    if run.is_running:
        session.follow(name, run.started_at)
        st.progress(run.progress.share or 0.0, text=run.progress.words)
        show_answer(name)
    elif session.follows(name, run.started_at):
        if run.problem is not None:
            box("error", run.problem)
        elif run.outcome is not None:
            box("success", run.outcome)


def _start_backfill(desk: Desk, actor: Actor) -> None:
    """The date as it is at the click: what was drawn last may be a date behind."""
    since: date | None = st.session_state.get(_SINCE)
    _start(_BACKFILL, _import(desk, actor, since))


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
            f"The comparison has ended: {count(done.objects, 'object')} compared, "
            f"{count(done.differences, 'difference')} found."
        )

    return work


def _import(desk: Desk, actor: Actor, since: date | None) -> Work:
    def work(tell: Tell) -> str:
        done = import_history(
            desk,
            actor,
            since=since,
            progress=lambda now: tell(
                Progress(
                    now.share,
                    f"{count(now.done_objects, 'object')}, {now.objects_per_second:,.0f} a "
                    f"second{_remaining(now.remaining_seconds)}",
                )
            ),
        )
        return f"The import has ended: {count(done.objects, 'object')} in all."

    return work


def _remaining(seconds: float | None) -> str:
    return f", about {long(timedelta(seconds=seconds))} to go" if seconds else ""

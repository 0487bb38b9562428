"""What is read from a replica: every list, total, chart and file, and nothing else."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlmodel import Session

import cardpay.reporting
from cardpay.domain.business_days import Days
from cardpay.domain.exports.exported_files import ExportKind, FileFormat
from cardpay.exports.export_builder import ExportBuilder
from cardpay.reporting.exported_lists.list_columns import Asked, Stretch
from cardpay.reporting.exported_lists.list_registry import LISTS
from cardpay.reporting.insights.insights import InsightsFilter, insights
from cardpay.reporting.payment_page.payment_page import payment_page
from cardpay.reporting.payments.payment_filter import EVERY_PAYMENT
from cardpay.reporting.payments.payment_totals import payment_totals
from cardpay.reporting.payments.payments_list import payments_page
from cardpay.services import database_account
from cardpay.storage.database import replica
from tests.support.databases.replicated import Replicated
from tests.support.desks import worlds
from tests.support.desks.worlds import ANALYST, World
from tests.support.processes.forked_processes import command
from tests.support.processes.servers import AUDIT_KEY

ZONE = ZoneInfo("Europe/London")
THAT_DAY = date(2024, 2, 29)

# They show what somebody is about to act upon, or who they are. All others read the replica.
READS_THE_DATABASE = {
    "audit/audit_list.py",
    "needs_review.py",
    "open_sessions.py",
    "operations/history_reports.py",
    "operations/objects_set_aside.py",
    "operations/open_operations.py",
    "operations/payout_reports.py",
    "operations/reached_limits.py",
    "operations/webhook_health.py",
    "payment_page/payment_details.py",
    "payment_page/payment_page.py",
    "payments/my_day.py",
    "payments/possible_duplicates.py",
    "payments/receipts.py",
    "payments/running_out_holds.py",
}


@pytest.fixture
def world(
    replicated: Replicated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """A desk with a replica, which is looked at before each reading; one payment was taken."""
    monkeypatch.setattr(replica, "LOOKED_AT_EVERY", 0.0)
    with (
        replicated.copy() as (url, replica_url),
        worlds.world(tmp_path, database_url=url, replica_url=replica_url) as made,
    ):
        made.pay(made.created(order_reference="SO-1"))
        replicated.standby.catch_up(replicated.primary)
        yield made


def seen(world: World, folder: Path) -> list[int]:
    """How many payments the analyst sees: listed, counted, in Insights, in a file."""
    store, now = world.desk.store, world.desk.now()
    days = InsightsFilter(Days(THAT_DAY, THAT_DAY))
    shown = insights(store, ANALYST, days, ZONE, now)
    listed = len(payments_page(store, ANALYST, now=now).frame)
    counted = payment_totals(store, ANALYST, EVERY_PAYMENT, ZONE, now).payments
    builder = ExportBuilder(world.desk, folder, ZONE, timedelta(hours=1))
    builder.begin(ANALYST, ExportKind.PAYMENTS, EVERY_PAYMENT, FileFormat.CSV)
    builder.work()
    in_file = builder.listed(ANALYST, ExportKind.PAYMENTS)[0].objects
    return [listed, counted, shown.now.totals.payments if shown else 0, in_file]


def test_a_payment_that_the_replica_lacks_is_on_its_own_page_alone(
    world: World, replicated: Replicated, tmp_path: Path
) -> None:
    """For whoever did not take it; as soon as the replica has it, it is everywhere."""
    replicated.standby.pause()
    new = world.pay(world.created(order_reference="SO-2")).payment
    page = payment_page(world.desk.store, ANALYST, new.payment_id, world.desk.now())
    assert page.details.order_reference == "SO-2"
    assert seen(world, tmp_path) == [1, 1, 1, 1]
    replicated.standby.resume()
    replicated.standby.catch_up(replicated.primary)
    assert seen(world, tmp_path) == [2, 2, 2, 2]


@pytest.mark.full
def test_an_export_outlives_its_replica(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It may take minutes: where the replica breaks off, the rest comes from the database."""
    wanted = LISTS[ExportKind.PAYMENTS]
    tries: list[bool] = []

    def read(session: Session, asked: Asked[Any]) -> Stretch:
        tries.append(session.execute(text("SELECT pg_is_in_recovery()")).scalar_one())
        if tries == [True]:
            session.execute(text("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$"))
        return wanted.read(session, asked)

    monkeypatch.setitem(LISTS, ExportKind.PAYMENTS, replace(wanted, read=read))
    assert seen(world, tmp_path)[-1] == 1
    assert tries == [True, False]


def test_each_reading_has_its_server() -> None:
    """Whoever adds one says which."""
    folder = Path(cardpay.reporting.__file__).parent
    found = {
        file.relative_to(folder).as_posix()
        for file in folder.rglob("*.py")
        if ".reading()" in file.read_text()
    }
    assert found == READS_THE_DATABASE


@pytest.mark.full
def test_the_commands_read_it(world: World, replicated: Replicated, tmp_path: Path) -> None:
    """Beside their results. What an export adds to the audit log goes to the database."""
    database_account.claim(world.desk.store, world.desk.account)
    replicated.standby.catch_up(replicated.primary)
    replicated.standby.pause()
    world.pay(world.created(order_reference="SO-2"))
    url = world.desk.store.engine.url
    chosen: dict[str, Any] = {
        "CARDPAY_DATABASE_URL": url.render_as_string(hide_password=False),
        "CARDPAY_REPORTING_DATABASE_URL": replicated.standby.url(str(url.database)),
        "CARDPAY_AUDIT_KEY": AUDIT_KEY,
        "CARDPAY_SIGN_IN": "off",
    }
    that_day = ("--from", f"{THAT_DAY}", "--to", f"{THAT_DAY}")
    told = command("report", *that_day, "--json", settings=chosen)
    assert json.loads(told.stdout)["sums"][0]["payments"] == 1
    written = command(
        "export", "payments", *that_day, "--out", f"{tmp_path / 'payments.csv'}", settings=chosen
    )
    assert written.stdout.startswith("1 payment. ")
    assert (told.stderr, written.stderr) == ("", "")  # not for a minute
    replicated.standby.resume()

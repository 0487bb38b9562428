"""Exports in the background: built, cancelled, kept for their maker, and gone in the end."""

import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission, Role
from cardpay.domain.access.sign_in import EndReason, SignedOut
from cardpay.domain.business_days import ALL_DAYS
from cardpay.domain.card_number_guard import CardDataRefused
from cardpay.domain.errors import NotAllowed
from cardpay.domain.exports.exported_files import (
    LISTED,
    ExportKind,
    ExportNotFound,
    ExportState,
    FileFormat,
    TooManyExports,
)
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.exports import export_builder
from cardpay.exports.export_builder import ExportBuilder
from cardpay.exports.hand_out_export import hand_out_export
from cardpay.exports.list_files.write_list import write_list
from cardpay.reporting.exported_lists.exported_filters import filter_of
from cardpay.reporting.payments.payment_filter import PaymentFilter
from cardpay.storage.schema.tables import AuditEntry, ExportFile
from tests.integration.exports.list_files.written_files import csv_rows
from tests.support.desks import worlds
from tests.support.desks.worlds import AGENT, ANALYST, DECLINED, SUPERVISOR, World
from tests.support.secrets.secret_scan import scan_bytes

ALL = PaymentFilter()
PAYMENTS, CSV = ExportKind.PAYMENTS, FileFormat.CSV


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[World]:
    """A desk with two payments."""
    with worlds.world(tmp_path, database_url=database_url) as made:
        made.pay(made.created(order_reference="SO-1", customer_name="Customer One"))
        made.pay(made.created(order_reference="SO-2"), DECLINED)
        yield made


@pytest.fixture
def builder(world: World, tmp_path: Path) -> ExportBuilder:
    """What one process builds with; its task is not started, the tests do its work."""
    return another_process(world, tmp_path)


def another_process(world: World, tmp_path: Path) -> ExportBuilder:
    """On the same database and folder."""
    folder, zone = tmp_path / "exports", ZoneInfo("Europe/London")
    return ExportBuilder(world.desk, folder, zone, timedelta(hours=24))


def acts(world: World) -> list[tuple[str, dict[str, Any]]]:
    """What the audit log has of exports."""
    with world.desk.store.reading() as session:
        entries = session.exec(select(AuditEntry)).all()
    return [(one.act, one.after) for one in entries if "export" in one.act]


def states(world: World) -> list[str]:
    """Of all exports."""
    with world.desk.store.reading() as session:
        return [one.state for one in session.exec(select(ExportFile))]


def test_a_file_for_its_maker(world: World, builder: ExportBuilder) -> None:
    """Private on the disk, audited before it is listed as done, and once more when it is taken."""
    chosen = PaymentFilter(statuses=frozenset({DisplayStatus.SUCCEEDED}), search="Customer One")
    export_id = builder.begin(ANALYST, PAYMENTS, chosen, CSV)
    assert [one.state for one in builder.listed(ANALYST, PAYMENTS)] == [ExportState.WAITING]
    with pytest.raises(ExportNotFound):
        hand_out_export(builder, ANALYST, export_id)
    builder.work()
    (done,) = builder.listed(ANALYST, PAYMENTS)
    assert (done.state, done.objects, done.filter_words) == (
        ExportState.DONE,
        1,
        "statuses Succeeded · a search",
    )
    facts = {"rows": 1, "format": "csv", "filter": "statuses Succeeded · a search"}
    assert acts(world) == [("list.export", facts)]
    found = hand_out_export(builder, ANALYST, export_id)
    assert acts(world)[1:] == [("export.taken", {"list": "payments"})]
    assert (found.name, found.mime) == ("payments-2024-02-29-120000.csv", "text/csv")
    (file,) = builder.folder.iterdir()
    with found.content as content:
        assert content.read() == file.read_bytes()
    assert [row["Customer"] for row in csv_rows(file)] == ["Customer One"]
    assert not list(scan_bytes(file.read_bytes()))
    assert done.size_bytes == file.stat().st_size
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(builder.folder.stat().st_mode) == 0o700


def test_nobody_else_has_it(builder: ExportBuilder) -> None:
    """Not by its id either, whoever they are; and without the permission nobody begins one."""
    export_id = builder.begin(ANALYST, PAYMENTS, ALL, CSV)
    builder.work()
    assert builder.listed(SUPERVISOR, PAYMENTS) == []
    assert builder.listed(ANALYST, ExportKind.REFUNDS) == []
    with pytest.raises(ExportNotFound):
        hand_out_export(builder, SUPERVISOR, export_id)
    with pytest.raises(ExportNotFound):
        builder.cancel(SUPERVISOR, export_id)
    for act in (
        lambda: hand_out_export(builder, AGENT, export_id),
        lambda: builder.begin(AGENT, PAYMENTS, ALL, CSV),
    ):
        with pytest.raises(NotAllowed, match="export payments"):
            act()


def test_one_after_the_other_in_each_format(builder: ExportBuilder) -> None:
    """In the order in which they were asked for."""
    for kind in ExportKind:
        for file_format in FileFormat:
            builder.begin(ANALYST, kind, filter_of(kind, ALL_DAYS, ()), file_format)
    builder.work()
    for kind in ExportKind:
        assert {one.state for one in builder.listed(ANALYST, kind)} == {ExportState.DONE}
    assert len([*builder.folder.iterdir()]) == len(ExportKind) * len(FileFormat)


def test_nobody_has_more_than_the_page_lists(world: World, builder: ExportBuilder) -> None:
    """Neither under way nor kept; a cancelled one pushes no file out, nor does another list."""
    for _ in range(LISTED):
        builder.begin(ANALYST, PAYMENTS, ALL, CSV)
        world.clock.advance(seconds=1)
    with pytest.raises(TooManyExports, match="10 exports of this list are under way"):
        builder.begin(ANALYST, PAYMENTS, ALL, CSV)
    builder.begin(SUPERVISOR, PAYMENTS, ALL, CSV)
    builder.begin(ANALYST, ExportKind.REFUNDS, filter_of(ExportKind.REFUNDS, ALL_DAYS, ()), CSV)
    builder.work()
    oldest = builder.listed(ANALYST, PAYMENTS)[-1].id
    for _ in range(LISTED):
        builder.cancel(ANALYST, builder.begin(ANALYST, PAYMENTS, ALL, CSV))
    builder.begin(ANALYST, PAYMENTS, ALL, CSV)
    builder.work()
    assert hand_out_export(builder, ANALYST, oldest).content.close() is None
    assert len(states(world)) == LISTED + 3
    builder.begin(ANALYST, PAYMENTS, ALL, CSV)
    with pytest.raises(ExportNotFound):
        hand_out_export(builder, ANALYST, oldest)
    builder.work()
    assert len([*builder.folder.iterdir()]) == LISTED + 3


def test_cancelled_before_it_begins(world: World, builder: ExportBuilder) -> None:
    """Then nothing was read, and nothing written down as exported."""
    export_id = builder.begin(ANALYST, PAYMENTS, ALL, CSV)
    builder.cancel(ANALYST, export_id)
    builder.work()
    assert states(world) == [ExportState.CANCELED]
    assert acts(world) == []
    assert [*builder.folder.iterdir()] == []


def test_cancelled_while_it_is_written(
    world: World,
    builder: ExportBuilder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At a page that another process drew; the next one in turn is built."""
    export_id = builder.begin(ANALYST, PAYMENTS, ALL, CSV)
    builder.begin(ANALYST, PAYMENTS, ALL, FileFormat.XLSX)
    left = [True]

    def cancelled(*given: Any, **named: Any) -> Any:
        if left:
            left.clear()
            another_process(world, tmp_path).cancel(ANALYST, export_id)
        return write_list(*given, **named)

    monkeypatch.setattr(export_builder, "write_list", cancelled)
    builder.work()
    assert sorted(states(world)) == [ExportState.CANCELED, ExportState.DONE]
    assert [facts["format"] for _, facts in acts(world)] == ["xlsx"]
    assert [one.suffix for one in builder.folder.iterdir()] == [".xlsx"]


def test_a_restart_ends_what_was_not_finished(
    world: World, builder: ExportBuilder, tmp_path: Path
) -> None:
    """One that was killed is seen to be gone; another process that is still at it is let be."""
    builder.begin(ANALYST, PAYMENTS, ALL, CSV)
    restarted = another_process(world, tmp_path)
    restarted.work()
    assert states(world) == [ExportState.WAITING]
    world.clock.advance(minutes=3)
    (shown,) = restarted.listed(ANALYST, PAYMENTS)
    assert (shown.state, "restarted" in str(shown.problem)) == (ExportState.FAILED, True)
    restarted.work()
    assert states(world) == [ExportState.FAILED]
    builder.work()  # it was only slow: it notices, and hands out nothing
    assert states(world) == [ExportState.FAILED]
    assert [*builder.folder.iterdir()] == []


def test_a_process_that_ends_says_so(world: World, builder: ExportBuilder) -> None:
    """In the middle of one and with another waiting."""
    builder.begin(ANALYST, PAYMENTS, ALL, CSV)
    builder.begin(ANALYST, PAYMENTS, ALL, CSV)
    goes_on = iter([True, False])
    builder.work(lambda: next(goes_on, False))
    assert states(world) == [ExportState.FAILED] * 2
    assert {str(one.problem) for one in builder.listed(ANALYST, PAYMENTS)} == {
        "The desk was restarted, and the export stopped. Export again."
    }
    assert [*builder.folder.iterdir()] == []


def test_it_expires(world: World, builder: ExportBuilder) -> None:
    """For its maker at once; row and file go with the next look, and nothing of others' does."""
    export_id = builder.begin(ANALYST, PAYMENTS, ALL, CSV)
    builder.work()
    other = builder.folder / "accounts.csv"
    other.write_text("of somebody who keeps things here")
    world.clock.advance(hours=24)
    assert builder.listed(ANALYST, PAYMENTS) == []
    with pytest.raises(ExportNotFound):
        hand_out_export(builder, ANALYST, export_id)
    builder.work()
    assert states(world) == []
    assert [*builder.folder.iterdir()] == [other]


def test_a_failure_is_told_without_its_words(
    builder: ExportBuilder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """They might quote a customer; the next export is built all the same."""

    def fail(*_: object, **__: object) -> object:
        raise ValueError("customer.one@example.com")

    builder.begin(ANALYST, PAYMENTS, ALL, CSV)
    monkeypatch.setattr(export_builder, "write_list", fail)
    builder.work()
    (failed,) = builder.listed(ANALYST, PAYMENTS)
    assert failed.state == ExportState.FAILED
    assert failed.problem == (
        "Something went wrong in the desk, and the export stopped. Export again."
    )
    assert "customer.one" not in caplog.text
    monkeypatch.undo()
    builder.begin(ANALYST, PAYMENTS, ALL, CSV)
    builder.work()
    assert builder.listed(ANALYST, PAYMENTS)[0].state == ExportState.DONE


class _SignedOutSoon:
    """A session that ends after the export was asked for."""

    def __init__(self) -> None:
        self.left = 2

    def check(self, _permission: Permission | None = None) -> None:
        self.left -= 1
        if self.left < 0:
            raise SignedOut(EndReason.SIGNED_OUT)

    def refused(self, permission: Permission) -> None:
        raise AssertionError(permission)


def test_it_ends_with_the_session(world: World, builder: ExportBuilder) -> None:
    """Whoever has signed out gets no file any more, and is told why."""
    actor = Actor("analyst-1", frozenset({Role.ANALYST}), "test", _SignedOutSoon())
    builder.begin(actor, PAYMENTS, ALL, CSV)
    builder.work()
    (failed,) = builder.listed(ANALYST, PAYMENTS)
    assert failed.state == ExportState.FAILED
    assert "signed out" in str(failed.problem)
    assert acts(world) == []


@pytest.mark.parametrize("field", ["search", "product", "decline_code"])
def test_a_card_number_is_no_filter(world: World, builder: ExportBuilder, field: str) -> None:
    """Wherever an address may hold one: it would be kept in words."""
    given: dict[str, Any] = {field: "4242 4242 4242 4242"}
    with pytest.raises(CardDataRefused):
        builder.begin(ANALYST, PAYMENTS, PaymentFilter(**given), CSV)
    assert states(world) == []

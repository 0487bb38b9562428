"""An export is counted and written down before anybody has it."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from cardpay.domain.access.actor import Actor
from cardpay.domain.errors import NotAllowed
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.exports import payments_export
from cardpay.exports.payments_export import PaymentsExport, export_payments
from cardpay.reporting.payments import export_rows
from cardpay.reporting.payments.payment_filter import PaymentFilter
from cardpay.storage.schema.tables import AuditEntry
from tests.support.desks import worlds
from tests.support.desks.worlds import AGENT, ANALYST, DECLINED, World
from tests.support.secrets.secret_scan import scan_bytes


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[World]:
    """A desk with three payments."""
    with worlds.world(tmp_path, database_url=database_url) as made:
        made.pay(made.created(order_reference="SO-1", customer_name="Customer One"))
        made.pay(made.created(order_reference="SO-2"), DECLINED)
        made.created(order_reference="PO-3")
        yield made


ALL = PaymentFilter()


def export(world: World, chosen: PaymentFilter = ALL, actor: Actor = ANALYST) -> PaymentsExport:
    """An export in the business zone."""
    return export_payments(world.desk, actor, chosen, zone="Europe/London")


def entries(world: World) -> list[AuditEntry]:
    """The exports in the audit log."""
    with world.desk.store.reading() as session:
        asked = select(AuditEntry).where(AuditEntry.act == "payments.export")
        return list(session.exec(asked))


def test_it_is_written_down_with_its_filter_and_count(world: World) -> None:
    """Of the search only the length: it may be somebody's name."""
    chosen = PaymentFilter(frozenset({DisplayStatus.SUCCEEDED}), " customer one ")
    made = export(world, chosen)
    assert made.payments == 1
    (entry,) = entries(world)
    assert (entry.actor_id, entry.subject_kind, entry.subject_id) == (
        "analyst-1",
        "payments",
        "filtered",
    )
    assert entry.after == {"rows": 1, "statuses": "Succeeded", "search_characters": 12}
    export(world)
    assert entries(world)[1].after == {"rows": 3, "statuses": "", "search_characters": 0}
    assert entries(world)[1].subject_id == "all"


def test_nothing_secret_is_in_it(world: World) -> None:
    """No client_secret, no key, no card number; a name for the file that says when."""
    made = export(world)
    content = made.content(ANALYST)
    assert b"Customer One" in content
    assert not list(scan_bytes(content))
    assert (made.name, made.mime) == ("payments-2024-02-29-120000.csv", "text/csv")


def test_what_breaks_off_is_not_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody had anything of it."""
    monkeypatch.setattr(export_rows, "STRETCH", 1)

    def stop(_written: int) -> None:
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        export_payments(world.desk, ANALYST, PaymentFilter(), zone="UTC", tell=stop)
    assert entries(world) == []


def test_a_large_one_is_a_zip(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the same CSV in it, under a name that opens it."""
    plain = export(world).content(ANALYST)
    monkeypatch.setattr(payments_export, "ZIP_FROM_BYTES", 10)
    made = export(world)
    assert (made.name[-4:], made.mime, made.payments) == (".zip", "application/zip", 3)
    with zipfile.ZipFile(io.BytesIO(made.content(ANALYST))) as packed:
        (name,) = packed.namelist()
        assert name == made.name.replace(".zip", ".csv")
        assert packed.read(name) == plain
    assert [entry.after["rows"] for entry in entries(world)] == [3, 3]


def test_who_may_not_export_gets_no_file_and_no_content(world: World) -> None:
    """Asked again at the download, which may come much later."""
    with pytest.raises(NotAllowed, match="export payments"):
        export(world, actor=AGENT)
    made = export(world)
    with pytest.raises(NotAllowed):
        made.content(AGENT)

"""Export on the Payments page, drawn without a browser."""

import threading
from typing import Any

import pytest
from sqlmodel import select
from streamlit.testing.v1 import AppTest

from cardpay.domain.access.actor import Actor
from cardpay.exports import payments_csv
from cardpay.storage.schema.tables import AuditEntry
from tests.pages.conftest import Drawing
from tests.support.desks.worlds import ADMIN, AGENT, ANALYST, SUPERVISOR, World


def seen_by(actor: Actor, page_of: Drawing, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page as somebody sees it."""
    monkeypatch.setattr("components.frame.desk_access.current_actor", lambda: actor)
    return drawn(page_of("payments.py"))


def drawn(screen: AppTest) -> AppTest:
    """Drawn (again), without an error."""
    screen.run()
    assert not screen.exception
    return screen


def export_button(screen: AppTest) -> Any:
    """What starts it."""
    return next((button for button in screen.button if button.label == "Export"), None)


def built(screen: AppTest) -> AppTest:
    """The page once the export has been built."""
    for thread in threading.enumerate():
        if thread.name == "export":
            thread.join(30)
    return drawn(screen)


def downloads(screen: AppTest) -> list[str]:
    """The files on offer, by their buttons."""
    return [button.proto.label for button in screen.get("download_button")]


@pytest.mark.parametrize(
    ("actor", "may"),
    [(ANALYST, True), (AGENT, False), (SUPERVISOR, True), (ADMIN, True)],
    ids=["analyst", "agent", "supervisor", "admin"],
)
def test_who_may(
    world: World, page_of: Drawing, monkeypatch: pytest.MonkeyPatch, actor: Actor, may: bool
) -> None:
    """The others are not offered it."""
    world.created()
    assert (export_button(seen_by(actor, page_of, monkeypatch)) is not None) == may


def test_what_is_listed_is_exported(
    world: World, page_of: Drawing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All pages of it; another filter has no file until it is asked for."""
    for number in range(52):
        world.created(order_reference=f"SO-{number:02}")
    world.created(order_reference="PO-1")
    screen = seen_by(ANALYST, page_of, monkeypatch)
    screen.text_input[0].set_value("so-").run()
    export_button(screen).click().run()
    assert downloads(built(screen)) == ["Download 52 payments (0.0 MB)"]
    screen.text_input[0].set_value("po-").run()
    assert downloads(screen) == []
    with world.desk.store.reading() as session:
        asked = select(AuditEntry).where(AuditEntry.act == "payments.export")
        assert [entry.after["rows"] for entry in session.exec(asked)] == [52]


def test_a_second_click_starts_nothing_more(
    world: World, page_of: Drawing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it runs the page tells how far it is, and goes on working."""
    for number in range(3):
        world.created(order_reference=f"SO-{number}")
    go_on, began = threading.Event(), threading.Event()

    def hold(*arguments: Any, **named: Any) -> Any:
        began.set()
        assert go_on.wait(30)
        return lines(*arguments, **named)

    lines = payments_csv._lines
    monkeypatch.setattr(payments_csv, "_lines", hold)
    screen = seen_by(ANALYST, page_of, monkeypatch)
    export_button(screen).click().run()
    assert began.wait(30)
    drawn(screen)
    assert "Exporting: 0 payments so far" in screen.info[0].value
    again = export_button(screen)
    assert again.disabled
    again.proto.disabled = False  # a click that was on its way already
    again.click().run()
    go_on.set()
    assert downloads(built(screen)) == ["Download 3 payments (0.0 MB)"]
    with world.desk.store.reading() as session:
        asked = select(AuditEntry).where(AuditEntry.act == "payments.export")
        assert len(session.exec(asked).all()) == 1


def test_a_failure_is_told_without_its_words(
    world: World,
    page_of: Drawing,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """They might quote a customer."""

    def fail(*_: object, **__: object) -> object:
        raise ValueError("customer.one@example.com")

    world.created()
    monkeypatch.setattr("components.payments.export_panel.export_payments", fail)
    screen = seen_by(ANALYST, page_of, monkeypatch)
    export_button(screen).click().run()
    built(screen)
    assert "Start it again" in screen.error[0].value
    assert downloads(screen) == []
    assert "customer.one" not in caplog.text

"""The export panel on the pages of lists, drawn without a browser."""

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import ButtonGroup

from cardpay import bootstrap
from cardpay.domain.access.actor import Actor
from cardpay.domain.exports.exported_files import ExportKind
from cardpay.exports import export_builder
from cardpay.exports.export_builder import ExportBuilder
from tests.pages.conftest import Drawing
from tests.support.desks.worlds import ADMIN, AGENT, ANALYST, SUPERVISOR, World


def seen_by(
    actor: Actor, page_of: Drawing, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> AppTest:
    """The page as somebody sees it; files go where the test does."""
    monkeypatch.setattr("components.frame.desk_access.current_actor", lambda: actor)
    screen = page_of("payments.py")
    builder().folder = tmp_path / "exports"
    return drawn(screen)


def builder() -> ExportBuilder:
    """This process's; its task is not started, the tests do its work."""
    return bootstrap.application().exports


def drawn(screen: AppTest) -> AppTest:
    """Drawn (again), without an error."""
    screen.run()
    assert not screen.exception
    return screen


def button(screen: AppTest, label: str) -> Any:
    """The button with that label; None if there is none."""
    return next((one for one in screen.button if one.label == label), None)


def downloads(screen: AppTest) -> list[tuple[str, str]]:
    """The files on offer: label and address."""
    found = (one.proto for one in screen.get("link_button"))
    return [(one.label, one.url) for one in found if one.url.startswith("/exports/")]


@pytest.mark.parametrize(
    ("actor", "may"),
    [(ANALYST, True), (AGENT, False), (SUPERVISOR, True), (ADMIN, True)],
    ids=["analyst", "agent", "supervisor", "admin"],
)
def test_who_may(
    world: World,
    page_of: Drawing,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    actor: Actor,
    may: bool,
) -> None:
    """The others are not offered it."""
    world.created()
    screen = seen_by(actor, page_of, monkeypatch, tmp_path)
    assert (button(screen, "Create file") is not None) == may


def test_what_is_listed_is_exported(
    world: World, page_of: Drawing, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """All pages of it. The file is there for its maker, whatever they look at next."""
    for number in range(52):
        world.created(order_reference=f"SO-{number:02}")
    world.created(order_reference="PO-1")
    screen = seen_by(ANALYST, page_of, monkeypatch, tmp_path)
    screen.text_input(key="payments.search").set_value("so-").run()
    button(screen, "Create file").click().run()
    assert "Waiting for another export: 0 payments so far" in screen.info[0].value
    assert "the file is built in the background" in screen.info[0].value
    builder().work()
    ((label, url),) = downloads(drawn(screen))
    (made,) = builder().listed(ANALYST, ExportKind.PAYMENTS)
    assert (label, url) == ("Download 52 payments (0.1 MB)", f"/exports/{made.id}")
    screen.text_input(key="payments.search").set_value("po-").run()
    assert len(downloads(screen)) == 1
    shown = " ".join(one.value for one in screen.markdown)
    assert "a search" in shown
    assert "so-" not in shown


def test_it_can_be_cancelled(
    world: World, page_of: Drawing, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Then there is nothing of it any more."""
    world.created()
    screen = seen_by(ANALYST, page_of, monkeypatch, tmp_path)
    button(screen, "Create file").click().run()
    button(screen, "Cancel").click().run()
    builder().work()
    assert downloads(drawn(screen)) == []
    assert button(screen, "Cancel") is None
    assert len(screen.info) == 0


def test_a_failure_is_told(
    world: World, page_of: Drawing, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In words for a person."""

    def fail(*_: object, **__: object) -> object:
        raise ValueError("customer.one@example.com")

    world.created()
    monkeypatch.setattr(export_builder, "write_list", fail)
    screen = seen_by(ANALYST, page_of, monkeypatch, tmp_path)
    button(screen, "Create file").click().run()
    builder().work()
    drawn(screen)
    assert "Export again" in screen.error[0].value
    assert downloads(screen) == []


def test_the_button_alone_is_pressed(
    world: World, page_of: Drawing, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """By a message that no page sends, without the format: the one at first is taken."""
    world.created()
    screen = seen_by(ANALYST, page_of, monkeypatch, tmp_path)
    monkeypatch.setattr(ButtonGroup, "_widget_state", None)
    del screen.session_state["payments.export.format"]
    button(screen, "Create file").click().run()
    assert not screen.exception
    (made,) = builder().listed(ANALYST, ExportKind.PAYMENTS)
    assert made.file_format == "xlsx"

"""Working within a page keeps somebody signed in; a page that looks by itself does not."""

import threading
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from cardpay import bootstrap
from cardpay.domain.access.sign_in import SignedOut, read_identity
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.services.access import sessions
from components.frame import desk_access
from components.frame.page_list import PAGES
from components.operations import background_threads
from components.operations.background_threads import BackgroundWork
from tests.support.screens.signed_in_pages import SignedInPages


def _search(screen: AppTest, time: int) -> None:
    screen.text_input(key="payments.search").set_value(f"SO-{time}")


def _status(screen: AppTest, time: int) -> None:
    screen.multiselect(key="payments.status").set_value([list(DisplayStatus)[time]])


def _export(screen: AppTest, time: int) -> None:
    screen.button(key="payments.export.begin").click()


def _act(screen: AppTest, time: int) -> None:
    screen.selectbox(key="audit.act").set_value(["sign_in", "payment.create"][time])


def _subject(screen: AppTest, time: int) -> None:
    screen.text_input(key="audit.subject").set_value(f"id-{time}")


def _reconcile(screen: AppTest, time: int) -> None:
    screen.button(key="operations.reconcile").click()


def _join(*names: str) -> None:
    """Wait for what was begun beside the page."""
    for thread in threading.enumerate():
        if thread.name in names:
            thread.join()


WORK = [
    pytest.param("payments", _search, id="a search"),
    pytest.param("payments", _status, id="a filter"),
    pytest.param("payments", _export, id="an export"),
    pytest.param("audit", _act, id="an act of the audit log"),
    pytest.param("audit", _subject, id="a subject of the audit log"),
    pytest.param("operations", _reconcile, id="a button of Operations"),
]


@pytest.mark.parametrize(("name", "work"), WORK)
def test_whoever_works_is_not_idle(
    signed_in_pages: SignedInPages,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    work: Callable[[AppTest, int], None],
) -> None:
    """Three times twenty minutes with an act in between; then only the page looks by itself."""
    monkeypatch.setattr(background_threads, "WORK", BackgroundWork())
    user = signed_in_pages.claims("admin", "supervisor")
    identity = read_identity(user, "groups")
    assert identity is not None
    clock = signed_in_pages.world.clock
    screen = signed_in_pages.bare(user, next(one for one in PAGES if one.name == name)).run()
    assert not screen.exception
    desk, admission = signed_in_pages.world.desk, bootstrap.application().settings.admission
    person = sessions.enter(desk, admission, identity, "192.0.2.1")
    assert person.guard is not None
    # A fragment's run has the actor of the last whole run.
    monkeypatch.setattr(desk_access, "authorise", lambda _: person)
    for time in range(2):
        clock.advance(minutes=20)
        work(screen, time)
        screen.run()
        assert not screen.exception
        _join("reconciliation")
        screen.run()
    clock.advance(minutes=20)
    person.guard.check()
    screen.run()
    clock.advance(minutes=20)
    with pytest.raises(SignedOut):
        person.guard.check()

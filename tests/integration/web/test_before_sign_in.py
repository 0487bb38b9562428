"""What a running desk tells and keeps of somebody who has not signed in."""

import platform
from pathlib import Path

import pytest
import streamlit
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import InvalidStatus

from components.web.sockets.open_sockets import MOST_STRANGERS_OF_ONE_ADDRESS
from tests.support.processes.servers import ROOT, Server
from tests.support.processes.streamlit_sockets import cookie_of, open_tab
from tests.support.processes.waiting import wait_for


def heading(told: list[ForwardMsg]) -> str:
    """What stands at the top of the page."""
    texts = [message.delta.new_element.heading.body for message in told]
    return next(text for text in texts if text)


def descriptors(server: Server) -> int:
    """How many files and sockets the process holds."""
    return len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))


def test_a_stranger_is_told_nothing_of_the_server(app: Server) -> None:
    """Neither in what draws the sign-in page, nor for the asking."""
    with open_tab(app) as tab:
        drawn = tab.draw()
        tab.send(BackMsg(load_git_info=True))
        told = drawn + tab.draw()
    assert not [message for message in told if message.WhichOneof("type") == "git_info_changed"]
    sent = b"".join(bytes(message.SerializeToString()) for message in told)
    for word in (streamlit.__version__, platform.python_version(), str(ROOT), platform.system()):
        assert word.encode() not in sent


def test_another_sites_page_opens_no_socket(app: Server) -> None:
    """Not even with the cookies of somebody who is signed in."""
    with pytest.raises(InvalidStatus) as refused:
        open_tab(app, cookie_of(app, "agent"), origin="https://evil.example")
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize(
    ("data", "code"), [(b"\xff", 1002), (b"x" * 9_000, 1009), (b"x" * 300_000, 1009)]
)
def test_a_socket_that_says_something_else_is_closed(app: Server, data: bytes, code: int) -> None:
    """Without a traceback in the log."""
    with open_tab(app) as tab:
        tab.send(data)
        assert tab.closed_with() == code
    assert "Traceback" not in app.log.read_text()


def test_nothing_is_kept_of_strangers_and_none_keeps_staff_out(app: Server) -> None:
    """A crowd makes room for itself, and its sessions end with its sockets."""
    with open_tab(app, cookie_of(app, "agent")) as staff:
        assert heading(staff.draw()) == "Take payment"
        before = descriptors(app)
        crowd = [open_tab(app) for _ in range(MOST_STRANGERS_OF_ONE_ADDRESS + 20)]
        try:
            assert [tab.closed_with() for tab in crowd[:20]] == [1001] * 20
            with open_tab(app, cookie_of(app, "agent")) as colleague:
                assert heading(colleague.draw()) == "Take payment"
            assert heading(staff.draw()) == "Take payment"
        finally:
            for tab in crowd:
                tab.connection.close()
        wait_for(
            lambda: descriptors(app) <= before + 10,
            lambda: f"{descriptors(app)} descriptors are held, {before} before",
        )


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("role", "page", "title"),
    [
        ("agent", "payments", "Payments"),
        ("agent", "operations", "Take payment"),
        ("analyst", "", "Payments"),
        ("analyst", "audit", "Payments"),
    ],
)
def test_a_page_that_is_not_theirs_leads_to_their_first(
    app: Server, role: str, page: str, title: str
) -> None:
    """By its address, in a new tab; Streamlit would draw "Page not found" over it."""
    with open_tab(app, cookie_of(app, role)) as tab:
        told = tab.draw(page)
    assert heading(told) == title
    assert "page_not_found" not in {message.WhichOneof("type") for message in told}

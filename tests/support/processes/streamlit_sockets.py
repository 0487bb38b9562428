"""A browser tab as a server sees it: Streamlit's websocket, without anything that draws."""

import urllib.request
from dataclasses import dataclass
from typing import Self

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from tests.support.processes.servers import Server
from tests.support.processes.waiting import PATIENCE_SECONDS

_USER = "_streamlit_user"


def cookie_of(server: Server, role: str) -> str:
    """The signed cookie of somebody in this role, who has just come from the provider."""
    with httpx.Client() as browser:
        form = browser.get(f"{server.url}/auth/login").headers["location"]
        back = browser.post(form, data={"sub": role}).headers["location"]
        browser.get(back)
        return f"{_USER}={browser.cookies[_USER]}"


@dataclass
class Tab:
    """One tab."""

    connection: ClientConnection

    def draw(self, page: str = "") -> list[ForwardMsg]:
        """All that comes until the page at an address is drawn, or the one that it leads to."""
        message = BackMsg()
        message.rerun_script.page_name = page
        message.rerun_script.is_auto_rerun = False
        self.send(message)
        found = self.told("script_finished")
        while found[-1].script_finished != ForwardMsg.FINISHED_SUCCESSFULLY:
            found += self.told("script_finished")
        return found

    def send(self, message: BackMsg | bytes) -> None:
        """A message."""
        self.connection.send(message if isinstance(message, bytes) else _bytes(message))

    def told(self, until: str) -> list[ForwardMsg]:
        """All that comes until a message of this kind."""
        found: list[ForwardMsg] = []
        while not found or found[-1].WhichOneof("type") != until:
            data = self.connection.recv(timeout=PATIENCE_SECONDS)
            assert isinstance(data, bytes)
            found.append(ForwardMsg.FromString(data))
        return found

    def closed_with(self) -> int:
        """The code with which the server closes."""
        try:
            while True:
                self.connection.recv(timeout=PATIENCE_SECONDS)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 0

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close it."""
        self.connection.close()


def open_tab(server: Server, cookie: str = "", origin: str = "", session_id: str = "") -> Tab:
    """A tab that is connected and has asked for nothing yet.

    `origin` is another site's page, `session_id` another tab's session.
    """
    with urllib.request.urlopen(
        f"{server.url}/_stcore/health", timeout=PATIENCE_SECONDS
    ) as answer:
        token = answer.headers["Set-Cookie"].partition(";")[0]
    address = f"{server.url.replace('http', 'ws', 1)}/_stcore/stream"
    connection = connect(
        address,
        origin=Origin(origin or server.url),
        subprotocols=[
            Subprotocol(said)
            for said in ("streamlit", token.partition("=")[2], session_id)
            if said
        ],
        additional_headers={"Cookie": f"{token}; {cookie}" if cookie else token},
        legacy=True,
    )
    return Tab(connection)


def _bytes(message: BackMsg) -> bytes:
    return bytes(message.SerializeToString())

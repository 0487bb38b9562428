"""A checked sandbox behind a server of its own, in a thread."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import uvicorn

from cardpay.sandbox import make_asgi_app
from tests.contract.schema.checked_sandbox import CheckedSandbox
from tests.support.processes.waiting import PATIENCE_SECONDS


class _Server(uvicorn.Server):
    """A uvicorn server that sets an event when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()


@contextmanager
def served_sandbox() -> Iterator[tuple[CheckedSandbox, str]]:
    """A sandbox and its address, on a free port."""
    sandbox = CheckedSandbox()
    # Named as TCP, or asyncio leaves Nagle's algorithm on: 40 ms a reply.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    server = _Server(
        uvicorn.Config(
            make_asgi_app(sandbox, control=True),
            log_level="critical",
            access_log=False,
            lifespan="off",
        )
    )
    thread = Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    assert server.listening.wait(PATIENCE_SECONDS)
    yield sandbox, f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(PATIENCE_SECONDS)
    sandbox.close()

"""A small app on a real port, in a thread of this process: for what only a network shows."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import uvicorn
from starlette.types import ASGIApp

from tests.support.processes.servers import free_port
from tests.support.processes.waiting import PATIENCE_SECONDS, wait_for


@contextmanager
def serving(app: ASGIApp, http: str) -> Iterator[int]:
    """The port of uvicorn, with one of its protocols of HTTP."""
    port = free_port()
    config = uvicorn.Config(app, port=port, http=http, log_config=None)
    server = uvicorn.Server(config)
    thread = Thread(target=server.run)
    thread.start()
    try:
        wait_for(lambda: server.started, "no server")
        yield port
    finally:
        server.should_exit = True
        thread.join()


def connected(port: int) -> socket.socket:
    """A connection to it that has said nothing yet."""
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)


def answered(connection: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    found = b""
    try:
        while data := connection.recv(65_536):
            found += data
    except ConnectionError:
        pass
    return found

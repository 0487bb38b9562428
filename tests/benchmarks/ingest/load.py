"""Webhooks over HTTP as fast, or at such a rate, as asked: a process of its own.

`python -m tests.benchmarks.ingest.load` reads a Job as JSON on stdin and writes what it measured
as JSON to stdout. One thread over bare sockets with kept connections, and everything signed and
put together before the clock starts: it must not be what is measured.
"""

import json
import selectors
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from cardpay.sandbox.webhook_sender import signature
from tests.support.processes.servers import ROOT

_PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Job:
    """Whom to send what.

    `bodies` is a file with a JSON list of texts, of which `count` from `first` on are sent, over
    `connections` at once; `per_second` paces them, 0 sends the next as soon as one is answered.
    """

    url: str
    secret: str
    bodies: str
    first: int
    count: int
    connections: int
    per_second: float = 0.0


@dataclass(frozen=True)
class Answers:
    """What came back: the time of all together, and of each from when it was due."""

    seconds: float
    milliseconds: list[float]
    statuses: dict[str, int]


def send(job: Job) -> Answers:
    """Let a process of its own do it."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.ingest.load"],
        cwd=ROOT,
        input=json.dumps(asdict(job)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Answers(**json.loads(done.stdout))


def texts(job: Job) -> list[str]:
    """The bodies that are sent."""
    found: list[str] = json.loads(Path(job.bodies).read_text(encoding="utf-8"))
    return found[job.first : job.first + job.count]


class _Connection:
    """One kept connection with at most one request on its way."""

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port), timeout=_PATIENCE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""
        self._due_at = 0.0

    def ask(self, request: bytes, due_at: float) -> None:
        """Send one."""
        self._due_at = due_at
        self.socket.sendall(request)

    def answer(self) -> tuple[bytes, float] | None:
        """The status and the seconds it took, once the whole answer is there."""
        part = self.socket.recv(65536)
        if not part:
            raise ConnectionError("the server closed the connection")
        self._received += part
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found:
            return None
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        if len(body) < int(length):
            return None
        self._received = b""
        return head[9:12], time.perf_counter() - self._due_at


def _run(job: Job) -> Answers:
    address = urlsplit(job.url)
    assert address.hostname is not None
    assert address.port is not None
    requests = _requests(job, address.netloc, address.path)
    # In turn, so that none is idle for so long that the server closes it.
    idle = deque(_Connection(address.hostname, address.port) for _ in range(job.connections))
    with selectors.DefaultSelector() as selector:
        for connection in idle:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
        return _exchange(requests, idle, selector, job.per_second)


def _exchange(
    requests: Sequence[bytes],
    idle: deque[_Connection],
    selector: selectors.BaseSelector,
    per_second: float,
) -> Answers:
    milliseconds: list[float] = []
    statuses: dict[str, int] = {}
    sent = 0
    began_at = time.perf_counter()
    while len(milliseconds) < len(requests):
        now = time.perf_counter()
        # A paced request counts from when it was due, even if every connection was busy then.
        while idle and sent < len(requests):
            due_at = began_at + sent / per_second if per_second else now
            if due_at > now:
                break
            idle.popleft().ask(requests[sent], due_at)
            sent += 1
        wait = _PATIENCE_SECONDS
        if idle and sent < len(requests):
            wait = max(0.0, began_at + sent / per_second - time.perf_counter())
        ready = selector.select(wait)
        if not ready and wait == _PATIENCE_SECONDS:
            raise TimeoutError("no answer")
        for key, _events in ready:
            answer = key.data.answer()
            if answer is not None:
                status, seconds = answer
                milliseconds.append(seconds * 1000)
                statuses[status.decode()] = statuses.get(status.decode(), 0) + 1
                idle.append(key.data)
    return Answers(time.perf_counter() - began_at, milliseconds, statuses)


def _requests(job: Job, host: str, path: str) -> list[bytes]:
    """Whole requests, signed now: a receiver takes a signature for 300 s."""
    now = int(time.time())
    requests = []
    for text in texts(job):
        body = text.encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {host}\r\n"
            "User-Agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)\r\n"
            "Content-Type: application/json; charset=utf-8\r\nAccept: */*\r\n"
            f"Stripe-Signature: {signature(body, job.secret, now)}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        requests.append(head.encode() + body)
    return requests


if __name__ == "__main__":
    json.dump(asdict(_run(Job(**json.load(sys.stdin)))), sys.stdout)

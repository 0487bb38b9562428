"""Pages that another process reads are those that this one would have read."""

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cardpay.gateway import pagination
from cardpay.gateway.page_parsing_process import PageReader
from tests.support.processes.servers import ROOT, environment
from tests.support.processes.waiting import wait_for

REFUND = {
    "id": "re_1",
    "charge": "ch_1",
    "payment_intent": "pi_1",
    "status": "succeeded",
    "amount": 500,
    "currency": "gbp",
    "reason": "duplicate",
    "created": 1_709_208_000,
    "metadata": {"note": "card 4242 4242 4242 4242, é"},
}

_IMPORT = """
from cardpay.gateway import pagination
from cardpay.gateway.page_parsing_process import PageReader
reader = PageReader(worth_a_process=1)
reader.read(pagination.REFUNDS, b'{"data": [], "has_more": false}')
print(reader._process.pid, flush=True)
input()
"""


def _body(*things: object) -> bytes:
    return json.dumps({"data": things, "has_more": True}).encode()


@pytest.fixture
def reader() -> Iterator[PageReader]:
    """One that begins its process with the first page."""
    made = PageReader(worth_a_process=1)
    yield made
    made.close()


def test_both_read_alike(reader: PageReader) -> None:
    """Words without card numbers, times with their zone."""
    read = reader.read(pagination.REFUNDS, _body(REFUND))
    assert reader._process is not None
    assert reader._process.poll() is None
    assert read == pagination.page(pagination.REFUNDS, _body(REFUND))
    assert read.found[0].metadata == {"note": "card •••• 4242, é"}


def test_the_first_pages_are_read_here() -> None:
    """A short list is read before a process would have begun."""
    reader = PageReader(worth_a_process=2)
    try:
        reader.read(pagination.REFUNDS, _body())
        assert reader._process is None
        reader.read(pagination.REFUNDS, _body())
        assert reader._process is not None
    finally:
        reader.close()


def test_threads_get_their_own_pages(reader: PageReader) -> None:
    """Whoever asks gets the answer to that."""
    with ThreadPoolExecutor(8) as pool:
        bodies = [_body({**REFUND, "id": f"re_{number}"}) for number in range(200)]
        pages = [*pool.map(lambda body: reader.read(pagination.REFUNDS, body), bodies)]
    assert [page.last_id for page in pages] == [f"re_{number}" for number in range(200)]
    assert reader._process is not None


def test_a_process_that_was_killed_is_done_without(reader: PageReader) -> None:
    """The page in hand is read here, and so are the next ones."""
    reader.read(pagination.REFUNDS, _body(REFUND))
    process = reader._process
    assert process is not None
    process.kill()
    process.wait()
    for _ in range(2):
        assert reader.read(pagination.REFUNDS, _body(REFUND)).last_id == "re_1"
    assert reader._process is None


def test_a_page_that_nobody_can_read_raises_here(reader: PageReader) -> None:
    """The error is this process's own, and the other goes on."""
    with pytest.raises(KeyError):
        reader.read(pagination.REFUNDS, _body({"id": "re_1"}))
    process = reader._process
    assert process is not None
    assert reader.read(pagination.REFUNDS, _body(REFUND)).last_id == "re_1"
    assert reader._process is process


def test_closing_ends_the_process(reader: PageReader) -> None:
    """What is read afterwards is read here."""
    reader.read(pagination.REFUNDS, _body(REFUND))
    process = reader._process
    assert process is not None
    reader.close()
    wait_for(lambda: process.poll() is not None, "the process to end")
    assert reader.read(pagination.REFUNDS, _body(REFUND)).last_id == "re_1"
    assert reader._process is None


def test_the_process_ends_with_the_one_that_began_it() -> None:
    """A killed import leaves nothing behind that runs."""
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", _IMPORT]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment({}), stdin=pipe, stdout=pipe, text=True
    ) as importing:
        assert importing.stdout is not None
        pid = int(importing.stdout.readline())
        assert _runs(pid)
        importing.kill()
    wait_for(lambda: not _runs(pid), "the process to end")


def _runs(pid: int) -> bool:
    """Whether it does; one that has ended and that nobody has asked about does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"

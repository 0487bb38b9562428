"""The page parsing process returns the same pages as this process would."""

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cardpay.gateway import pagination
from cardpay.gateway.page_parsing_process import PageParser
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
from cardpay.gateway.page_parsing_process import PageParser
parser = PageParser(worth_a_process=1)
parser.parse(pagination.REFUNDS, b'{"data": [], "has_more": false}')
print(parser._process.pid, flush=True)
input()
"""


def _body(*things: object) -> bytes:
    return json.dumps({"data": things, "has_more": True}).encode()


@pytest.fixture
def parser() -> Iterator[PageParser]:
    """A parser that starts its process with the first page."""
    made = PageParser(worth_a_process=1)
    yield made
    made.close()


def test_both_processes_parse_alike(parser: PageParser) -> None:
    """Texts have no card numbers, and times have a zone."""
    read = parser.parse(pagination.REFUNDS, _body(REFUND))
    assert parser._process is not None
    assert parser._process.poll() is None
    assert read == pagination.parse_page(pagination.REFUNDS, _body(REFUND))
    assert read.found[0].metadata == {"note": "card •••• 4242, é"}


def test_the_first_pages_are_parsed_in_this_process() -> None:
    """A short list is parsed without starting a process."""
    parser = PageParser(worth_a_process=2)
    try:
        parser.parse(pagination.REFUNDS, _body())
        assert parser._process is None
        parser.parse(pagination.REFUNDS, _body())
        assert parser._process is not None
    finally:
        parser.close()


def test_threads_get_their_own_pages(parser: PageParser) -> None:
    """Each thread gets the page that it asked for."""
    with ThreadPoolExecutor(8) as pool:
        bodies = [_body({**REFUND, "id": f"re_{number}"}) for number in range(200)]
        pages = [*pool.map(lambda body: parser.parse(pagination.REFUNDS, body), bodies)]
    assert [page.last_id for page in pages] == [f"re_{number}" for number in range(200)]
    assert parser._process is not None


def test_a_killed_process_is_not_needed(parser: PageParser) -> None:
    """The current page and the next ones are parsed in this process."""
    parser.parse(pagination.REFUNDS, _body(REFUND))
    process = parser._process
    assert process is not None
    process.kill()
    process.wait()
    for _ in range(2):
        assert parser.parse(pagination.REFUNDS, _body(REFUND)).last_id == "re_1"
    assert parser._process is None


def test_a_malformed_page_raises_in_this_process(parser: PageParser) -> None:
    """This process raises the error, and the other keeps running."""
    with pytest.raises(KeyError):
        parser.parse(pagination.REFUNDS, _body({"id": "re_1"}))
    process = parser._process
    assert process is not None
    assert parser.parse(pagination.REFUNDS, _body(REFUND)).last_id == "re_1"
    assert parser._process is process


def test_closing_ends_the_process(parser: PageParser) -> None:
    """Later pages are parsed in this process."""
    parser.parse(pagination.REFUNDS, _body(REFUND))
    process = parser._process
    assert process is not None
    parser.close()
    wait_for(lambda: process.poll() is not None, "the process to end")
    assert parser.parse(pagination.REFUNDS, _body(REFUND)).last_id == "re_1"
    assert parser._process is None


def test_the_process_ends_with_its_parent() -> None:
    """A killed import leaves no process running."""
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
    """Whether the process runs. A zombie does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"

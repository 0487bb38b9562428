"""Parses the pages of a long import in a second process.

One interpreter uses one core, and more than a quarter of an import's work is turning JSON into
snapshots. A second process does that while this one stores the pages before. It is started only
when many pages are parsed, and it is optional: any page that it does not return is parsed here.
It ends when this process ends, even if this one is killed, because its input is closed then.
"""

import gc
import pickle
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from cardpay.gateway.pagination import ListEndpoint, ListPage, parse_page
from cardpay.logs.logger import get_logger

_log = get_logger(__name__)

# Starting a process takes as long as parsing this many pages.
_WORTH_A_PROCESS = 20

T = TypeVar("T")


class PageParser:
    """Parses pages for any number of threads. Its owner closes it."""

    def __init__(self, worth_a_process: int = _WORTH_A_PROCESS) -> None:
        """Start the process with the page of this number."""
        self._pages_left = worth_a_process
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def close(self) -> None:
        """End the process. Pages can still be parsed afterwards, in this process."""
        with self._lock:
            self._pages_left = 0
            self._end()

    def parse(self, endpoint: ListEndpoint[T], body: bytes | str) -> ListPage[T]:
        """The page in `body`. Returns and raises what `pagination.parse_page` does."""
        with self._lock:
            self._pages_left -= 1
            if self._pages_left == 0:
                self._start()
            page = self._parse_in_process(endpoint, body) if self._process else None
        return page or parse_page(endpoint, body)

    def _start(self) -> None:
        try:
            self._process = subprocess.Popen(  # noqa: S603 - this module itself
                [sys.executable, "-m", __name__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # its errors are logged here
                cwd=Path(__file__).parents[2],  # where `cardpay` is found
                start_new_session=True,  # Ctrl-C is handled by this process
            )
        except OSError as error:
            _log.warning("could not start the page parsing process", error=type(error).__name__)

    def _parse_in_process(
        self, endpoint: ListEndpoint[T], body: bytes | str
    ) -> ListPage[T] | None:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            pickle.dump((endpoint, body), process.stdin)
            process.stdin.flush()
            page: ListPage[T] | None = pickle.load(process.stdout)  # noqa: S301 - from our child
        except Exception as error:  # noqa: BLE001 - a broken pickle raises anything
            _log.warning("the page parsing process ended", error=type(error).__name__)
            self._end()
            return None
        return page

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


def _serve(requests: BinaryIO, pages: BinaryIO) -> None:
    """Parse until the input ends. Answers None for a page that cannot be parsed."""
    gc.disable()  # snapshots have no reference cycles
    while True:
        try:
            endpoint, body = pickle.load(requests)  # noqa: S301 - from our parent
        except (EOFError, pickle.UnpicklingError):  # the parent ended, perhaps in mid-request
            return
        page: ListPage[Any] | None
        try:
            page = parse_page(endpoint, body)
        except Exception:  # noqa: BLE001 - the parent parses it again and raises the error
            page = None
        pickle.dump(page, pages)
        pages.flush()


if __name__ == "__main__":
    _serve(sys.stdin.buffer, sys.stdout.buffer)

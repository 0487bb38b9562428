"""Reads many pages of Stripe's lists, in a process of its own.

One interpreter keeps to one core, and more than a quarter of an import's work is making snapshots
of JSON: a second process does it while this one stores what came before. It is begun only when
there is much to read, and never needed: whatever it does not answer is read here. It ends with
this process, however that ends.
"""

import gc
import pickle
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from cardpay.gateway.listing import Listing, ListPage, page
from cardpay.logs.logger import get_logger

_log = get_logger(__name__)

# Starting a process costs as much as reading so many pages.
_WORTH_A_PROCESS = 20

T = TypeVar("T")


class PageReader:
    """Reads for any number of threads. Whoever makes it closes it."""

    def __init__(self, worth_a_process: int = _WORTH_A_PROCESS) -> None:
        """Read so many pages here before a process is begun."""
        self._pages_left = worth_a_process
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def close(self) -> None:
        """End the process; what is read afterwards is read here."""
        with self._lock:
            self._pages_left = 0
            self._end()

    def read(self, listing: Listing[T], body: bytes | str) -> ListPage[T]:
        """A page from its bytes, as `listing.page` reads it."""
        with self._lock:
            self._pages_left -= 1
            if self._pages_left == 0:
                self._begin()
            answer = self._answer(listing, body) if self._process else None
        return answer or page(listing, body)

    def _begin(self) -> None:
        try:
            self._process = subprocess.Popen(  # noqa: S603 - this module itself
                [sys.executable, "-m", __name__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # what goes wrong there is told here
                cwd=Path(__file__).parents[2],  # where `cardpay` is found
                start_new_session=True,  # Ctrl-C is this process's to act on
            )
        except OSError as error:
            _log.warning("no process to read pages in", error=type(error).__name__)

    def _answer(self, listing: Listing[T], body: bytes | str) -> ListPage[T] | None:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            pickle.dump((listing, body), process.stdin)
            process.stdin.flush()
            answer: ListPage[T] | None = pickle.load(process.stdout)  # noqa: S301 - from our child
        except Exception as error:  # noqa: BLE001 - a broken pickle raises anything
            _log.warning("the process that reads pages ended", error=type(error).__name__)
            self._end()
            return None
        return answer

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


def _serve(asked: BinaryIO, answers: BinaryIO) -> None:
    """Read until nobody asks any more. None for a page that cannot be read."""
    gc.disable()  # snapshots have no cycles
    while True:
        try:
            listing, body = pickle.load(asked)  # noqa: S301 - from our parent
        except (EOFError, pickle.UnpicklingError):  # whoever asked is gone, or was cut off
            return
        answer: ListPage[Any] | None
        try:
            answer = page(listing, body)
        except Exception:  # noqa: BLE001 - whoever asked reads it again, and tells the error
            answer = None
        pickle.dump(answer, answers)
        answers.flush()


if __name__ == "__main__":
    _serve(sys.stdin.buffer, sys.stdout.buffer)

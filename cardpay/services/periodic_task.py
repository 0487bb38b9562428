"""Tasks that a process does in the background, at regular intervals."""

import threading
from collections.abc import Callable
from datetime import timedelta

from cardpay.logs.logger import failure, get_logger

_log = get_logger(__name__)

# Long enough for a call to Stripe that is on its way; one that is cut off is recovered later.
_CLOSE_TIMEOUT_SECONDS = 10.0

ShouldContinue = Callable[[], bool]


class PeriodicTask:
    """A thread that does its work as soon as it is started, and again after each pause.

    `work` is given a function that says whether to continue, to call between two steps, so that
    closing waits for one step only. A failure is logged by its type, and does not end the task.
    `wake` ends a pause.
    """

    def __init__(
        self, name: str, pause: timedelta, work: Callable[[ShouldContinue], object]
    ) -> None:
        self._name = name
        self._pause = pause
        self._work = work
        self._closed = threading.Event()
        self._woken = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def wake(self) -> None:
        """End the pause: there is work now."""
        self._woken.set()

    def close(self) -> None:
        """Stop after the current step, or after 10 seconds in the middle of it."""
        self._closed.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(_CLOSE_TIMEOUT_SECONDS)

    def _run(self) -> None:
        while not self._closed.is_set():
            self._woken.clear()
            if self._closed.is_set():
                return  # closed just now, and the line above has cleared its waking
            try:
                self._work(lambda: not self._closed.is_set())
            except Exception as error:  # noqa: BLE001 - the next time may go well
                _log.warning("background work failed", work=self._name, **failure(error))
            self._woken.wait(self._pause.total_seconds())

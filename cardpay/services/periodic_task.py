"""Work that a process does by itself, again and again, beside the people it serves."""

import threading
from collections.abc import Callable
from datetime import timedelta

from cardpay.logs.logger import failure, get_logger

_log = get_logger(__name__)

# Long enough for a call to Stripe that is on its way; what is cut off is recovered later.
_PATIENCE_SECONDS = 10.0

GoOn = Callable[[], bool]


class Repeating:
    """A thread that works as soon as it is started, and again after each pause.

    `work` is given a function that says whether to go on; it is asked between two steps, so
    that closing waits for one step only. A failure is logged by its type, and the next time
    comes all the same. `wake` ends a pause.
    """

    def __init__(self, name: str, pause: timedelta, work: Callable[[GoOn], object]) -> None:
        self._name = name
        self._pause = pause
        self._work = work
        self._closed = threading.Event()
        self._woken = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """There is work now."""
        self._woken.set()

    def close(self) -> None:
        """Stop, after the step that is being done."""
        self._closed.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(_PATIENCE_SECONDS)

    def _run(self) -> None:
        while not self._closed.is_set():
            self._woken.clear()
            if self._closed.is_set():
                return  # closed between the two looks, and its waking is cleared
            try:
                self._work(lambda: not self._closed.is_set())
            except Exception as error:  # noqa: BLE001 - the next time may go well
                _log.warning("background work failed", work=self._name, **failure(error))
            self._woken.wait(self._pause.total_seconds())

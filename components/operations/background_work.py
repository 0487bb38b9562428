"""Long work that goes on while nobody looks: one run of a name at a time in this process.

A click starts it and returns at once. A second click, another tab or another person finds the
run that is under way. The page asks how far it is, may be left, and may be opened again. What
runs in other processes is not seen here: the work itself keeps to one at a time over all.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from cardpay.domain.errors import CardpayError
from cardpay.logs.logger import failure, get_logger

_log = get_logger(__name__)


@dataclass(frozen=True)
class Progress:
    """How far it is: `share` from 0 to 1, or None while nobody can say; `words` for people."""

    share: float | None
    words: str


Tell = Callable[[Progress], None]
# What the work does; it returns a sentence about how it ended.
Work = Callable[[Tell], str]


@dataclass(frozen=True)
class Run:
    """One run, as it was at one moment.

    `outcome` is its sentence once it has ended well, `problem` its sentence once it has not.
    """

    started_at: datetime
    progress: Progress
    finished_at: datetime | None = None
    outcome: str | None = None
    problem: str | None = None

    @property
    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self.finished_at is None


class BackgroundWork:
    """The runs of one process, by name: the last of each."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: dict[str, Run] = {}

    def start(self, name: str, work: Work) -> bool:
        """Begin `work` in a thread of its own; False if a run of this name is under way."""
        with self._lock:
            last = self._runs.get(name)
            if last is not None and last.is_running:
                return False
            self._runs[name] = Run(datetime.now(UTC), Progress(None, "Starting"))
        # A daemon, so that the process can end: work that is cut off goes on where it stopped.
        threading.Thread(target=self._run, args=(name, work), name=name, daemon=True).start()
        return True

    def last(self, name: str) -> Run | None:
        """The run of this name that is under way, or the last that ended."""
        with self._lock:
            return self._runs.get(name)

    def _run(self, name: str, work: Work) -> None:
        try:
            outcome = work(lambda progress: self._note(name, progress=progress))
        except CardpayError as error:
            _log.info("background work refused", work=name, **failure(error))
            self._end(name, problem=error.sentence)
        except BaseException as error:  # noqa: BLE001 - else it would seem to run for ever
            _log.error("background work failed", work=name, **failure(error))
            self._end(name, problem=_UNEXPECTED)
        else:
            self._end(name, outcome=outcome)

    def _note(self, name: str, progress: Progress) -> None:
        with self._lock:
            self._runs[name] = replace(self._runs[name], progress=progress)

    def _end(self, name: str, *, outcome: str | None = None, problem: str | None = None) -> None:
        with self._lock:
            self._runs[name] = replace(
                self._runs[name],
                finished_at=datetime.now(UTC),
                outcome=outcome,
                problem=problem,
            )


_UNEXPECTED: Final = (
    "Something went wrong in the desk, and it stopped. No money has moved. Start it again: what "
    "was done stays done."
)

# Streamlit runs the pages' code anew for each look, but imports this module once.
WORK: Final = BackgroundWork()

"""Work that takes long, run in the background: one run of each name at a time in this process.

A click starts a run and returns at once. A second click, another tab or another person finds the
run that is under way. Runs of other processes are not seen here: the work itself makes sure that
there is one at a time.
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
    """How far a run is: `share` from 0 to 1, or None if unknown; `words` for people."""

    share: float | None
    words: str


Tell = Callable[[Progress], None]
# Reports its progress while it runs; returns a sentence for people about the result.
Work = Callable[[Tell], str]


@dataclass(frozen=True)
class Run:
    """A snapshot of one run.

    `outcome` is the sentence of a run that succeeded, `problem` of one that failed.
    """

    started_at: datetime
    progress: Progress
    finished_at: datetime | None = None
    outcome: str | None = None
    problem: str | None = None

    @property
    def is_running(self) -> bool:
        """Whether the run has not ended yet."""
        return self.finished_at is None


class BackgroundWork:
    """The last run of each name in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: dict[str, Run] = {}

    def start(self, name: str, work: Work) -> bool:
        """Start `work` in a thread; False if a run of this name is under way."""
        with self._lock:
            last = self._runs.get(name)
            if last is not None and last.is_running:
                return False
            self._runs[name] = Run(datetime.now(UTC), Progress(None, "Starting"))
        # A daemon, so that the process can end: interrupted work continues where it stopped.
        threading.Thread(target=self._run, args=(name, work), name=name, daemon=True).start()
        return True

    def last(self, name: str) -> Run | None:
        """The current or last run of this name; None if there was none."""
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
    "Something went wrong in the desk and this stopped. Start it again. It continues where it "
    "stopped."
)

# Streamlit runs the pages' code at every rerun, but imports this module once.
WORK: Final = BackgroundWork()

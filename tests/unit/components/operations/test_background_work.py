"""Long work runs once, tells how far it is, and says how it ended."""

import threading

import pytest

from cardpay.domain.errors import PaymentNotFound
from components.operations.background_threads import BackgroundWork, Progress, Tell, Work
from tests.support.processes.waiting import PATIENCE_SECONDS


class Gate:
    """Work that begins, tells one step, and waits until it is let go."""

    def __init__(self) -> None:
        self.times = 0
        self.begun = threading.Event()
        self.let_go = threading.Event()

    def __call__(self, tell: Tell) -> str:
        """The work."""
        self.times += 1
        tell(Progress(0.5, "Half"))
        self.begun.set()
        assert self.let_go.wait(PATIENCE_SECONDS)
        return "All done."


def finished(work: BackgroundWork, name: str = "work") -> bool:
    """Whether the run ends; its thread is the only one of this name."""
    for thread in threading.enumerate():
        if thread.name == name:
            thread.join(PATIENCE_SECONDS)
    run = work.last(name)
    return run is not None and not run.is_running


def raising(error: BaseException) -> Work:
    """Work that fails."""

    def work(_tell: Tell) -> str:
        raise error

    return work


def test_nothing_has_run_at_first() -> None:
    """The page has its own sentence for that."""
    assert BackgroundWork().last("work") is None


def test_a_run_tells_how_far_it_is_and_how_it_ended() -> None:
    """The one who started it need not wait."""
    work, gate = BackgroundWork(), Gate()
    assert work.start("work", gate)
    assert gate.begun.wait(PATIENCE_SECONDS)
    run = work.last("work")
    assert run is not None
    assert (run.is_running, run.progress) == (True, Progress(0.5, "Half"))
    gate.let_go.set()
    assert finished(work)
    run = work.last("work")
    assert run is not None
    assert (run.outcome, run.problem) == ("All done.", None)
    assert run.finished_at is not None
    assert run.finished_at >= run.started_at


def test_many_clicks_are_one_run() -> None:
    """Twenty at once, then one more while it runs."""
    work, gate = BackgroundWork(), Gate()
    together = threading.Barrier(20)
    started: list[bool] = []

    def click() -> None:
        together.wait(PATIENCE_SECONDS)
        started.append(work.start("work", gate))

    people = [threading.Thread(target=click) for _ in range(20)]
    for person in people:
        person.start()
    for person in people:
        person.join(PATIENCE_SECONDS)
    assert not work.start("work", gate)
    gate.let_go.set()
    assert finished(work)
    assert (sorted(started), gate.times) == ([False] * 19 + [True], 1)


def test_names_do_not_wait_for_each_other() -> None:
    """A backfill of hours keeps nobody from reconciling."""
    work, long, short = BackgroundWork(), Gate(), Gate()
    short.let_go.set()
    assert work.start("long", long)
    assert work.start("short", short)
    assert finished(work, "short")
    long.let_go.set()
    assert finished(work, "long")


@pytest.mark.parametrize(
    ("fails", "sentence"),
    [
        pytest.param(raising(PaymentNotFound("p")), PaymentNotFound("p").sentence, id="expected"),
        pytest.param(
            raising(RuntimeError("Customer One")), "Start it again", id="fault of the desk"
        ),
    ],
)
def test_a_failure_says_so_and_the_next_run_may_begin(
    fails: Work, sentence: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A sentence for people; what a message quotes is neither shown nor logged."""
    work, gate = BackgroundWork(), Gate()
    work.start("work", fails)
    assert finished(work)
    run = work.last("work")
    assert run is not None
    assert sentence in str(run.problem)
    assert run.outcome is None
    assert "Customer One" not in f"{run.problem} {caplog.text}"
    gate.let_go.set()
    assert work.start("work", gate)
    assert finished(work)
    run = work.last("work")
    assert run is not None
    assert run.problem is None

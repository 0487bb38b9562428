"""Work that a process does by itself."""

import threading
from datetime import timedelta

import pytest

from cardpay.services.periodic_task import PeriodicTask, ShouldContinue
from tests.support.processes.waiting import PATIENCE_SECONDS
from tests.support.secrets.log_lines import lines


def test_a_failure_is_not_the_end(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged by its type alone, and the next time comes."""
    tries: list[bool] = []
    again = threading.Event()

    def work(go_on: ShouldContinue) -> None:
        tries.append(go_on())
        if len(tries) == 1:
            raise ConnectionError("with the customer's name")
        again.set()

    running = PeriodicTask("recovery", timedelta(milliseconds=1), work)
    running.start()
    assert again.wait(PATIENCE_SECONDS)
    running.close()
    assert all(tries)
    (line,) = lines(caplog)
    assert (line["event"], line["work"]) == ("background work failed", "recovery")
    assert line["error"] == "ConnectionError"
    assert "customer" not in caplog.text


def test_closing_waits_for_the_step_that_is_being_done() -> None:
    """The work is told, and ends by itself."""
    begun = threading.Event()
    ended = threading.Event()

    def work(go_on: ShouldContinue) -> None:
        begun.set()
        while go_on():
            pass
        ended.set()

    running = PeriodicTask("recovery", timedelta(days=1), work)
    running.start()
    assert begun.wait(PATIENCE_SECONDS)
    running.close()
    assert ended.is_set()


def test_what_never_began_closes_at_once() -> None:
    """An application that failed to start closes all the same."""
    PeriodicTask("recovery", timedelta(days=1), lambda _: None).close()

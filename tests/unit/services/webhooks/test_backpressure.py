"""Applying gives way to receiving, but not for ever."""

import threading
import time

import pytest

from cardpay.services.webhooks import backpressure
from cardpay.services.webhooks.backpressure import Backpressure
from tests.support.processes.waiting import PATIENCE_SECONDS


def test_nobody_waits_while_nothing_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    """A quiet process applies at once: not one look at the clock's next tick."""
    monkeypatch.setattr(time, "sleep", lambda _seconds: pytest.fail("it waited"))
    Backpressure().wait_for_quiet()


def test_waits_until_the_event_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker goes on as soon as nothing arrives any more."""
    monkeypatch.setattr(backpressure, "MOST_SECONDS", 600)
    pressure = Backpressure()
    went_on = threading.Event()

    def work() -> None:
        pressure.wait_for_quiet()
        went_on.set()

    with pressure.receiving():
        worker = threading.Thread(target=work, daemon=True)
        worker.start()
        assert not went_on.wait(5 * backpressure.LOOK_SECONDS)
    assert went_on.wait(PATIENCE_SECONDS)
    worker.join()


def test_an_endless_stream_does_not_stop_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """However much arrives, what is stored is applied in the end."""
    monkeypatch.setattr(backpressure, "MOST_SECONDS", 0.02)
    pressure = Backpressure()
    with pressure.receiving():
        pressure.wait_for_quiet()


def test_a_failure_is_no_arrival_for_ever() -> None:
    """An event that could not be stored is not under way any more."""
    pressure = Backpressure()
    with pytest.raises(OSError, match="gone"), pressure.receiving():
        raise OSError("gone")
    assert pressure._under_way == 0


def test_several_workers_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Together they get through an endless stream as often as one of them would."""
    monkeypatch.setattr(backpressure, "MOST_SECONDS", 0.05)
    pressure = Backpressure()
    with pressure.receiving():
        workers = [threading.Thread(target=pressure.wait_for_quiet) for _ in range(3)]
        began_at = time.monotonic()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    assert time.monotonic() - began_at >= 3 * backpressure.MOST_SECONDS

"""The older part of the demo's past, made in the background while the desk is in use.

Where it stands is noted with the simulated Stripe, so that a demo that was stopped goes on where
it was. A stretch that was cut off is kept in the books again, which stores nothing twice.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from cardpay.demo.past.books import keep_books
from cardpay.demo.past.planned_acts import Act, SimulatedPast, acts_of
from cardpay.demo.past.span import Span
from cardpay.sandbox import Sandbox
from cardpay.services.desk import Desk
from cardpay.services.periodic_task import PeriodicTask, ShouldContinue

# Kept in one transaction, for which whoever takes a payment meanwhile has to wait.
_STRETCH: Final = timedelta(days=1)
# So long something of Stripe's may still change: looked at again where a stretch was cut off.
_CHANGES_FOR: Final = timedelta(days=90)
_MOST_REST_SECONDS: Final = 0.25
_LOOK_AGAIN: Final = timedelta(minutes=1)
_DONE: Final = "past.done"
_REACHED: Final = "past.reached"
_PLAYED: Final = "past.played"


@dataclass(frozen=True)
class PastProgress:
    """How much of the past is made, from 0 to 1, and until which day it reaches."""

    share: float
    reached: datetime


class OlderPast:
    """What makes it, and how far it is. `delay_seconds`: the first page goes first."""

    def __init__(self, desk: Desk, sandbox: Sandbox, delay_seconds: float = 3.0) -> None:
        self._desk = desk
        self._sandbox = sandbox
        self._delay_seconds = delay_seconds
        self._interruption = threading.Event()
        self._making = threading.Lock()
        self.progress: PastProgress | None = None
        self.task = PeriodicTask("demo past", _LOOK_AGAIN, self.make)

    @contextmanager
    def interrupted(self) -> Iterator[None]:
        """Wait until it stands still, and let it do so meanwhile."""
        self._interruption.set()
        with self._making:
            self._interruption.clear()
            yield

    def make(self, go_on: ShouldContinue) -> None:
        """Make what is missing, as long as it may."""
        with self._making:
            self._make(lambda: go_on() and not self._interruption.is_set())

    def _make(self, go_on: ShouldContinue) -> None:
        at_stripe = SimulatedPast(self._sandbox, self._sandbox.past())
        span = Span.noted(at_stripe.past)
        if span is None or at_stripe.past.noted(_DONE):
            self.progress = None
            return
        reached = _moment(at_stripe.past.noted(_REACHED)) or span.began
        self._note(span, reached)
        if not _wait(self._delay_seconds, go_on):
            return
        at_stripe.find_intents(span.began, span.now)
        at_stripe.past.note_changed_since(reached - _CHANGES_FOR)
        played = _moment(at_stripe.past.noted(_PLAYED)) or span.began
        acts = [act for act in acts_of(span.older_orders()) if reached <= act.at < span.now]
        while reached < span.now and go_on():
            until = min(reached + _STRETCH, span.now)
            mine = [act for act in acts if reached <= act.at < until]
            unplayed = [act for act in mine if act.at > played]
            if not self._play(at_stripe, unplayed, go_on):
                return
            at_stripe.past.move_to(until)
            with self._desk.store.transaction() as session:
                keep_books(session, self._desk, at_stripe, mine, (reached, until))
            reached = until
            at_stripe.past.note(_REACHED, reached.isoformat())
            self._note(span, reached)
        if reached >= span.now:
            at_stripe.past.end()
            at_stripe.past.note(_DONE, "yes")
            self.progress = None

    def _note(self, span: Span, reached: datetime) -> None:
        share = (reached - span.began) / (span.now - span.began)
        self.progress = PastProgress(share, reached)

    def _play(self, at_stripe: SimulatedPast, acts: list[Act], go_on: ShouldContinue) -> bool:
        """Play some acts, a day at a time; whether all could be played."""
        for _, of_day in groupby(acts, key=lambda act: act.at.date()):
            if not go_on():
                return False
            began = time.perf_counter()
            with at_stripe.past.batch():
                play(at_stripe, day := list(of_day))
                at_stripe.past.note(_PLAYED, day[-1].at.isoformat())
            # The other half of the time is for whoever uses the desk.
            _wait(min(_MOST_REST_SECONDS, time.perf_counter() - began), go_on)
        return True


def play(at_stripe: SimulatedPast, acts: list[Act]) -> None:
    """Play some acts in their order; the caller makes one transaction of them."""
    for act in acts:
        at_stripe.past.move_to(act.at)
        act.do(at_stripe)


def _moment(noted: str | None) -> datetime | None:
    return datetime.fromisoformat(noted) if noted else None


def _wait(seconds: float, go_on: Callable[[], bool]) -> bool:
    """Wait, or until it may not go on; whether it may."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0 and go_on():
        time.sleep(min(left, 0.05))
    return go_on()

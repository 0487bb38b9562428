"""`python -m cardpay reconcile` and `backfill`: looking back from a terminal, or by cron.

What was done goes to stdout, how far it is to stderr: in one line that is written over on a
terminal, in a line each ten seconds elsewhere.
"""

import argparse
import re
import sys
import time
from datetime import date, timedelta

from cardpay import bootstrap, settings
from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.errors import CardpayError
from cardpay.services.desk import Desk
from cardpay.services.history.import_history import backfill
from cardpay.services.history.import_progress import Progress
from cardpay.services.history.reconciliation import reconcile
from cardpay.services.history.reconciliation_progress import Compared

_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_BAR = 30  # characters
_ON_TERMINAL_SECONDS = 0.2
_IN_LOG_SECONDS = 10.0


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The two commands and their options."""
    compare = commands.add_parser("reconcile", help="compare with Stripe, and correct")
    compare.add_argument("--since", type=duration, default=_UNITS["d"], metavar="24h")
    imports = commands.add_parser("backfill", help="import the account's history, or go on")
    imports.add_argument("--since", type=date.fromisoformat, default=None, metavar="2024-01-31")


def duration(text: str) -> timedelta:
    """`90m`, `24h` or `7d`."""
    found = re.fullmatch(r"(\d{1,5})([mhd])", text)
    if found is None:
        raise argparse.ArgumentTypeError("give minutes, hours or days: 90m, 24h, 7d")
    return int(found[1]) * _UNITS[found[2]]


def run(given: argparse.Namespace) -> int:
    """Carry one out; 0 when it came to its end, 1 when it stopped with a sentence."""
    application = bootstrap.start(settings.load())
    try:
        work = _reconcile if given.command == "reconcile" else _backfill
        sys.stdout.write(f"{work(application.desk, given)}\n")
    except CardpayError as error:
        sys.stderr.write(f"\n{error.sentence}\n")
        return 1
    finally:
        application.close()
    return 0


def _reconcile(desk: Desk, given: argparse.Namespace) -> str:
    line = _Line()
    done = reconcile(
        desk,
        SYSTEM,
        since=desk.now() - given.since,
        progress=lambda so_far: line.show(_compared(so_far)),
    )
    line.end()
    return (
        f"Compared {done.objects:,} objects with {done.reads:,} reads: "
        f"{done.differences:,} differences."
    )


def _compared(so_far: Compared) -> str:
    return f"{_bar(so_far.step / so_far.steps)} {so_far.doing}: {so_far.objects:,}"


def _backfill(desk: Desk, given: argparse.Namespace) -> str:
    line = _Line()
    done = backfill(
        desk, SYSTEM, since=given.since, progress=lambda so_far: line.show(_imported(so_far))
    )
    line.end()
    return f"Imported {done.objects:,} objects. This run took {done.reads:,} reads."


def _imported(so_far: Progress) -> str:
    left = so_far.remaining_seconds
    remaining = "" if left is None else f", {timedelta(seconds=round(left))} left"
    return (
        f"{_bar(so_far.share)} {so_far.done_objects:,} objects, "
        f"{so_far.objects_per_second:,.0f}/s{remaining}"
    )


def _bar(share: float) -> str:
    full = round(share * _BAR)
    return f"[{'#' * full}{'.' * (_BAR - full)}] {share:4.0%}"


class _Line:
    """The line that says how far it is."""

    def __init__(self) -> None:
        self._over = sys.stderr.isatty()
        self._next_at = 0.0

    def show(self, text: str) -> None:
        """Say it, unless the last one is too fresh."""
        if time.monotonic() < self._next_at:
            return
        self._next_at = time.monotonic() + (
            _ON_TERMINAL_SECONDS if self._over else _IN_LOG_SECONDS
        )
        sys.stderr.write(f"\r{text:<79}" if self._over else f"{text}\n")
        sys.stderr.flush()

    def end(self) -> None:
        """Leave the line."""
        if self._over:
            sys.stderr.write("\n")

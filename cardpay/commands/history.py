"""`python -m cardpay reconcile` and `backfill`: looking back from a terminal, or by cron.

What was done goes to stdout, how far it is to stderr.
"""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

import click

from cardpay import bootstrap
from cardpay.commands.starting import begin
from cardpay.domain.access.actor import SYSTEM
from cardpay.services.desk import Desk
from cardpay.services.history import import_history as importing
from cardpay.services.history import reconciliation
from cardpay.services.history.import_progress import Progress
from cardpay.services.history.reconciliation_run import ReconciliationProgress

_UNITS: Final = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_STEPS: Final = 1000  # of the bar, finer than any terminal is wide
_IN_LOG_SECONDS: Final = 10.0


def duration(text: str) -> timedelta:
    """`90m`, `24h` or `7d`; click.BadParameter."""
    found = re.fullmatch(r"(\d{1,5})([mhd])", text)
    if found is None:
        raise click.BadParameter("give minutes, hours or days: 90m, 24h, 7d")
    return int(found[1]) * _UNITS[found[2]]


@click.command
@click.option("--since", type=duration, default="24h", metavar="24h", help="how far back")
def reconcile(since: timedelta) -> None:
    """Compare with Stripe, and correct."""
    with _desk() as desk, _progress() as show:

        def told(so_far: ReconciliationProgress) -> None:
            show(so_far.step / so_far.steps, f"{so_far.doing}: {so_far.objects:,}")

        done = reconciliation.reconcile(desk, SYSTEM, since=desk.now() - since, progress=told)
    click.echo(
        f"Compared {done.objects:,} objects with {done.reads:,} reads: "
        f"{done.differences:,} differences."
    )


@click.command
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), metavar="2024-01-31", help="the first day"
)
def backfill(since: datetime | None) -> None:
    """Import the account's history, or go on."""
    with _desk() as desk, _progress() as show:

        def told(so_far: Progress) -> None:
            left = so_far.remaining_seconds
            remaining = "" if left is None else f", {timedelta(seconds=round(left))} left"
            show(
                so_far.share,
                f"{so_far.done_objects:,} objects, {so_far.objects_per_second:,.0f}/s{remaining}",
            )

        done = importing.import_history(desk, SYSTEM, since=since and since.date(), progress=told)
    click.echo(f"Imported {done.objects:,} objects. This run took {done.reads:,} reads.")


@contextmanager
def _desk() -> Iterator[Desk]:
    application = bootstrap.start(begin())
    try:
        yield application.desk
    finally:
        application.close()


@contextmanager
def _progress() -> Iterator[Callable[[float, str], None]]:
    """Shows a share and some words: a bar on a terminal, elsewhere a line every ten seconds."""
    is_terminal = sys.stderr.isatty()
    next_at, words = 0.0, ""
    with click.progressbar(
        range(_STEPS),
        item_show_func=lambda _: words,
        show_eta=False,
        file=sys.stderr,
        hidden=not is_terminal,
        update_min_steps=0,  # the words change where the share does not
    ) as bar:

        def show(share: float, text: str) -> None:
            nonlocal next_at, words
            words = text
            if is_terminal:
                bar.update(round(share * _STEPS) - bar.pos)
            elif monotonic() >= next_at:
                next_at = monotonic() + _IN_LOG_SECONDS
                click.echo(f"{share:.0%} {text}", err=True)

        yield show

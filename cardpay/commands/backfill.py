"""`python -m cardpay backfill`: import the account's history, from a terminal or by cron."""

from datetime import datetime, timedelta

import click

from cardpay.commands.progress import progress
from cardpay.commands.set_aside_summary import echo_set_aside
from cardpay.commands.startup import running_desk
from cardpay.domain.access.actor import SYSTEM
from cardpay.reporting.operations.objects_set_aside import objects_set_aside
from cardpay.services.history.begin_import import import_history
from cardpay.services.history.import_progress import Progress


@click.command
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), metavar="2024-01-31", help="the first day"
)
def backfill(since: datetime | None) -> None:
    """Import the account's history, or go on."""
    with running_desk() as desk, progress() as show:

        def told(so_far: Progress) -> None:
            left = so_far.remaining_seconds
            remaining = "" if left is None else f", {timedelta(seconds=round(left))} left"
            show(
                so_far.share,
                f"{so_far.done_objects:,} objects, {so_far.objects_per_second:,.0f}/s{remaining}",
            )

        done = import_history(desk, SYSTEM, since=since and since.date(), progress=told)
        set_aside = objects_set_aside(desk.store, SYSTEM)
    click.echo(f"Imported {done.objects:,} objects. This run took {done.reads:,} reads.")
    echo_set_aside(set_aside)

"""`python -m cardpay reconcile`: compare with Stripe, from a terminal or by cron."""

import re
from datetime import timedelta
from typing import Final

import click

from cardpay.commands.progress import progress
from cardpay.commands.set_aside_summary import echo_set_aside
from cardpay.commands.startup import running_desk
from cardpay.domain.access.actor import SYSTEM
from cardpay.reporting.operations.objects_set_aside import objects_set_aside
from cardpay.services.history import begin_reconciliation
from cardpay.services.history.run_reconciliation import ReconciliationProgress

_UNITS: Final = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


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
    with running_desk() as desk, progress() as show:

        def told(so_far: ReconciliationProgress) -> None:
            show(so_far.step / so_far.steps, f"{so_far.doing}: {so_far.objects:,}")

        done = begin_reconciliation.reconcile(
            desk, SYSTEM, since=desk.now() - since, progress=told
        )
        set_aside = objects_set_aside(desk.store, SYSTEM)
    click.echo(
        f"Compared {done.objects:,} objects with {done.reads:,} reads: "
        f"{done.differences:,} differences."
    )
    echo_set_aside(set_aside)

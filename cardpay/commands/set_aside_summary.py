"""What a run could not read of Stripe's objects, on stdout."""

from collections.abc import Sequence

import click

from cardpay.reporting.operations.objects_set_aside import SetAside


def echo_set_aside(found: Sequence[SetAside]) -> None:
    """How many objects are set aside, and each with its reason; nothing where there are none."""
    if not found:
        return
    click.echo(f"Set aside: {len(found):,}. This version can't read them.")
    for one in found:
        click.echo(f"{one.kind} {one.object_id}: {one.reason}")

"""`python -m cardpay migrate`."""

import click

from cardpay import bootstrap
from cardpay.commands.starting import begin


@click.command
def migrate() -> None:
    """Bring the database up to date."""
    bootstrap.migrated(begin()).dispose()
    click.echo("The database is up to date.")

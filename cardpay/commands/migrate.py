"""`python -m cardpay migrate`."""

import click

from cardpay import bootstrap
from cardpay.commands.startup import load_settings


@click.command
def migrate() -> None:
    """Bring the database up to date."""
    bootstrap.open_database(load_settings()).dispose()
    click.echo("The database is up to date.")

"""`python -m cardpay migrate`."""

import click

from cardpay.commands.startup import load_settings
from cardpay.storage.database.migrate import open_migrated


@click.command
def migrate() -> None:
    """Bring the database up to date."""
    open_migrated(load_settings().database).dispose()
    click.echo("The database is up to date.")

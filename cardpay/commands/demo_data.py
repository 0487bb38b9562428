"""`python -m cardpay demo-data`: a made-up past of any size, to try the desk with."""

from datetime import UTC, datetime, timedelta

import click

from cardpay import bootstrap
from cardpay.commands.progress import progress
from cardpay.commands.startup import load_settings
from cardpay.demo.bulk_past.write_past import Written, refuse_live_keys, write_past
from cardpay.domain.business_days import business_day
from cardpay.domain.money import Money
from cardpay.domain.money_format import format_money
from cardpay.storage.database.engine import Store
from cardpay.storage.database.migrate import open_migrated


@click.command("demo-data")
@click.option(
    "--payments", type=click.IntRange(1, 100_000_000), required=True, help="how many payments"
)
@click.option("--seed", type=int, default=1, show_default=True, help="any number: another past")
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="2026-01-31",
    help="its last day; yesterday without it",
)
def demo_data(payments: int, seed: int, until: datetime | None) -> None:
    """Fill an empty database with a made-up past.

    The same number, seed and last day make the same rows. Stop the desk first. The simulated
    Stripe knows nothing of these payments: they can be looked at, not refunded.
    """
    chosen = load_settings()
    refuse_live_keys(chosen.mode)
    account = bootstrap.account_of(chosen)
    zone = chosen.business_zone
    last = until.date() if until else business_day(datetime.now(UTC), zone) - timedelta(days=1)
    store = Store(open_migrated(chosen.database))
    try:
        with progress() as show:
            written = write_past(store, account, payments, seed, (last, zone), show)
    finally:
        store.close()
    click.echo(_summary(written))


def _summary(written: Written) -> str:
    """In one line: what there is, and what was paid per currency."""
    counts = ", ".join(f"{count:,} {word}" for word, count in written.counts.items())
    sums = ", ".join(
        f"{count:,} paid: {format_money(Money(written.paid_minor[currency], currency))}"
        for currency, count in sorted(written.paid.items())
    )
    return f"From {written.first} to {written.last}: {counts}. {sums}."

"""`python -m cardpay report`: counts and sums of what was paid, for a person or a program."""

import json
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import click

from cardpay.commands.startup import load_settings, tell_if_behind
from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.business_days import Days
from cardpay.domain.errors import InvalidInput
from cardpay.domain.money import Money, plain_number
from cardpay.domain.money_format import format_money
from cardpay.reporting.insights.report import Line, Report, ReportKey
from cardpay.reporting.insights.report import report as read_report
from cardpay.reporting.insights.reporting_currency import reporting_currency
from cardpay.storage.database import migrate
from cardpay.storage.database.open_existing import (
    DatabaseError,
    DatabaseMissing,
    connect_to_read,
    reason_of,
)
from cardpay.storage.database.replica import open_store

_TITLES: Final = {
    ReportKey.TAKEN_BY: "Taken by",
    ReportKey.BRAND: "Card brand",
}
_DAY: Final = click.DateTime(["%Y-%m-%d"])


def _keys(_context: click.Context, _parameter: click.Parameter, text: str) -> list[ReportKey]:
    wanted = [word.strip() for word in text.split(",") if word.strip()]
    unknown = [word for word in wanted if word not in list(ReportKey)]
    if unknown or not wanted:
        raise click.BadParameter(f"choose from {', '.join(ReportKey)}, with commas between them")
    return [ReportKey(word) for word in dict.fromkeys(wanted)]


@click.command
@click.option("--from", "first", type=_DAY, required=True, metavar="DAY", help="the first day")
@click.option("--to", "last", type=_DAY, required=True, metavar="DAY", help="the last day")
@click.option("--by", callback=_keys, default="day,currency", metavar="KEYS", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="print JSON instead of a table")
@click.option(
    "--one-currency",
    is_flag=True,
    help="all in the reporting currency, as it settled",
)
def report(
    first: datetime, last: datetime, by: list[ReportKey], *, as_json: bool, one_currency: bool
) -> int:
    """Count and add up what was paid.

    What did not settle in the reporting currency, or not yet, is told apart.
    """
    try:
        days = Days(first.date(), last.date())
    except InvalidInput as wrong:
        raise click.UsageError(wrong.sentence) from None
    chosen = load_settings()
    zone = chosen.business_zone
    try:
        engine = connect_to_read(chosen.database)
    except DatabaseMissing as missing:
        return _end(
            f"CARDPAY_DATABASE_URL names a database that is not there: {missing.file}. "
            "Nothing was read."
        )
    try:
        if not migrate.is_current(engine):
            return _end("The database is not up to date: run python -m cardpay migrate.")
        with closing(open_store(engine, (), chosen.reporting_database_url)) as store:
            reporting = ""
            if one_currency:
                reporting = reporting_currency(store, SYSTEM, chosen.reporting_currency)
                if not reporting:
                    return _end(
                        "The Stripe balance has no currency yet, or several: set "
                        "CARDPAY_REPORTING_CURRENCY."
                    )
            found = read_report(store, SYSTEM, days, by, zone, reporting)
            tell_if_behind(store)
    except DatabaseError as error:
        return _end(f"The database cannot be read: {reason_of(error)}.")
    finally:
        engine.dispose()
    click.echo(_as_json(found, days, by, zone) if as_json else _as_table(found, by))
    return 0


def _as_json(found: Report, days: Days, by: Sequence[ReportKey], zone: ZoneInfo) -> str:
    def told(line: Line) -> dict[str, Any]:
        keys = {
            str(key): text
            for key, text in zip(by, line.group, strict=False)
            if key is not ReportKey.CURRENCY
        }
        return {
            **keys,
            "currency": line.currency.upper(),
            "payments": line.payments,
            "volume": plain_number(Money(line.volume_minor, line.currency)),
            "volume_minor": line.volume_minor,
            "refunded": plain_number(Money(line.refunded_minor, line.currency)),
            "refunded_minor": line.refunded_minor,
        }

    first, last = days.closed()
    return json.dumps(
        {
            "from": first.isoformat(),
            "to": last.isoformat(),
            "time_zone": zone.key,
            "by": list(by),
            "lines": [told(line) for line in found.lines],
            "sums": [told(line) for line in found.sums],
            "left_out": [told(line) for line in found.left_out],
        },
        ensure_ascii=False,
        indent=2,
    )


def _as_table(found: Report, by: Sequence[ReportKey]) -> str:
    """Columns as wide as what is in them, numbers to the right."""
    keys = [key for key in by if key is not ReportKey.CURRENCY]
    head = [_TITLES.get(key, key.capitalize()) for key in keys]
    rows = [
        [text for key, text in zip(by, line.group, strict=True) if key is not ReportKey.CURRENCY]
        + _numbers(line)
        for line in found.lines
    ]
    sums = [
        ["Sum" if place == 0 else "" for place in range(len(keys))] + _numbers(line)
        for line in found.sums
    ]
    table = [[*head, "Currency", "Payments", "Volume", "Refunded"], *rows, *sums]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    texts = len(keys) + 1
    lines = [
        "  ".join(
            cell.ljust(width) if place < texts else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    ]
    ruler = "-" * max(map(len, lines))
    parts = [lines[0], ruler, *lines[1 : len(rows) + 1], ruler, *lines[len(rows) + 1 :]]
    return "\n".join([*parts, *map(_left_out, found.left_out)])


def _left_out(line: Line) -> str:
    volume = format_money(Money(line.volume_minor, line.currency))
    noun = "payment" if line.payments == 1 else "payments"
    return (
        f"Not added: {line.payments:,} {noun} of {volume} in {line.currency.upper()}, "
        "settled in another currency or not yet."
    )


def _numbers(line: Line) -> list[str]:
    return [
        line.currency.upper(),
        f"{line.payments:,}",
        format_money(Money(line.volume_minor, line.currency)),
        format_money(Money(line.refunded_minor, line.currency)),
    ]


def _end(sentence: str) -> int:
    click.echo(sentence, err=True)
    return 1

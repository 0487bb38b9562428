"""`python -m cardpay export`: a list of some days as a file, from a terminal or by cron."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from cardpay.commands.startup import existing_store, load_settings, tell_if_behind
from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.business_days import Days
from cardpay.domain.card_number_guard import CardDataRefused
from cardpay.domain.errors import InvalidInput
from cardpay.domain.exports.exported_files import ExportKind, FileFormat
from cardpay.domain.money import plain_number
from cardpay.exports.list_files.write_list import Written, write_list
from cardpay.reporting.exported_lists.exported_filters import filter_of, filter_words
from cardpay.reporting.exported_lists.list_columns import Asked
from cardpay.reporting.exported_lists.list_registry import LISTS
from cardpay.services.audit.record_reading import note_list_export
from cardpay.services.audit.write_heads import write_head
from cardpay.storage.audit.heads_file import HeadsFile

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command
@click.argument("what", type=click.Choice([one.value for one in ExportKind]))
@click.option("--from", "first", type=_DAY, required=True, metavar="DAY", help="the first day")
@click.option("--to", "last", type=_DAY, required=True, metavar="DAY", help="the last day")
@click.option(
    "--status",
    "statuses",
    multiple=True,
    metavar="STATUS",
    help="only these, given once each; of the balance, categories",
)
@click.option(
    "--format",
    "kind_of_file",
    type=click.Choice([one.value for one in FileFormat]),
    default="csv",
    show_default=True,
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    metavar="FILE",
    help="must not exist yet",
)
@click.option("--replace", is_flag=True, help="it may exist, and is replaced at the end")
def export(
    what: str,
    first: datetime,
    last: datetime,
    statuses: tuple[str, ...],
    kind_of_file: str,
    out: Path,
    *,
    replace: bool,
) -> None:
    """Write a list of some business days to a file.

    Days are whole and both included, in CARDPAY_TIME_ZONE. The last line counts and sums.
    """
    if out.exists() and not replace:
        raise click.UsageError(f"{out} exists. Give another name, or --replace.")
    if not out.parent.is_dir():
        raise click.UsageError(f"There is no folder {out.parent}.")
    kind = ExportKind(what)
    try:
        chosen = filter_of(kind, Days(first.date(), last.date()), statuses)
    except (CardDataRefused, InvalidInput) as wrong:
        raise click.UsageError(wrong.what) from None
    settings = load_settings()
    store = existing_store(settings)
    try:
        zone, now = settings.business_zone, datetime.now(UTC)
        asked = Asked(SYSTEM, chosen, zone, now)
        with _put_in_place(out) as unfinished:
            target = (unfinished, FileFormat(kind_of_file))
            tell_if_behind(store)  # at the beginning: recording the export is an act of its own
            written = write_list(store, kind, asked, target, zone=zone)
            facts: dict[str, str | int | bool | None] = {
                "rows": written.objects,
                "format": kind_of_file,
                "filter": filter_words(chosen),
            }
            note_list_export(store, SYSTEM, now, kind, facts)
    finally:
        write_head(store, HeadsFile(settings.heads_path), lambda: datetime.now(UTC))
        store.close()
    click.echo(_summary(kind, written))


@contextmanager
def _put_in_place(out: Path) -> Iterator[Path]:
    """A name to write to, on the same disk; what is there is moved to `out` at the end.

    For nobody else to read: it holds customers' names. What breaks off leaves nothing behind.
    """
    with TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as folder:
        unfinished = Path(folder) / out.name
        unfinished.touch(mode=0o600)
        yield unfinished
        unfinished.replace(out)


def _summary(kind: ExportKind, written: Written) -> str:
    """ "1,204 payments. Amount: 96,120.50 GBP, 300 JPY. Received: …"."""
    listed = LISTS[kind]
    noun = listed.noun if written.objects == 1 else f"{listed.noun}s"
    said = [f"{written.objects:,} {noun}."]
    for name in listed.sums:
        sums = [f"{plain_number(one)} {one.currency.upper()}" for one in written.totals(name)]
        said += [f"{name}: {', '.join(sums)}."] if sums else []
    return " ".join(said)

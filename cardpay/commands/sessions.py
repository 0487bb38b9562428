"""`python -m cardpay sessions`: who is signed in, and ending it, from a terminal."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

import click

from cardpay.commands.startup import existing_store, load_settings
from cardpay.domain.access.actor import SYSTEM
from cardpay.reporting.open_sessions import OpenSession, open_sessions
from cardpay.services.access import end_sessions
from cardpay.services.audit.write_heads import write_head
from cardpay.settings import Settings
from cardpay.storage.audit.heads_file import HeadsFile
from cardpay.storage.database.engine import Store

_TIME: Final = "%Y-%m-%d %H:%M"


@click.group
def sessions() -> None:
    """See who is signed in, and end sessions."""


@sessions.command("list")
def list_sessions() -> None:
    """Print the open sessions, newest first: a line each, times in the desk's time zone."""
    with _opened() as (store, chosen):
        now = _now()
        for row in open_sessions(store, SYSTEM, now, now - chosen.idle):
            click.echo(_line(row, chosen))


@sessions.command("end")
@click.option("--person", metavar="ACTOR_ID", help="this person's sessions; `list` prints the id")
@click.option("--all", "everybody", is_flag=True, help="everybody's")
def end(person: str | None, *, everybody: bool) -> None:
    """End sessions; open pages are signed out within seconds."""
    if (person is None) == (not everybody):
        raise click.UsageError("Give one of --person and --all. No session was ended.")
    with _opened() as (store, _):
        ended = (
            end_sessions.end_persons_sessions(store, SYSTEM, person, _now())
            if person is not None
            else end_sessions.end_every_session(store, SYSTEM, _now())
        )
    click.echo(f"Ended {ended:,} session{'' if ended == 1 else 's'}.")


@contextmanager
def _opened() -> Iterator[tuple[Store, Settings]]:
    chosen = load_settings()
    store = existing_store(chosen)
    try:
        yield store, chosen
    finally:
        write_head(store, HeadsFile(chosen.heads_path), _now)
        store.close()


def _line(row: OpenSession, chosen: Settings) -> str:
    started, seen = (
        at.astimezone(chosen.business_zone).strftime(_TIME) for at in (row.started_at, row.seen_at)
    )
    return "  ".join(
        (row.actor_id, row.name, row.roles, started, seen, row.origin, row.browser or "-")
    )


def _now() -> datetime:
    return datetime.now(UTC)

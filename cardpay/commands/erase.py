"""`python -m cardpay erase`: remove what identifies a person, and keep the books.

What is typed is not repeated: a terminal's record is kept as well.
"""

from datetime import UTC, datetime
from typing import Final

import click

from cardpay.commands.startup import existing_store, load_settings
from cardpay.domain.errors import PaymentNotFound
from cardpay.domain.personal_data.customer_identity import Customer, customer_meant
from cardpay.services.audit.write_heads import write_head
from cardpay.services.personal_data import erasure
from cardpay.services.personal_data.erasure import Preview
from cardpay.settings import Settings
from cardpay.storage.audit.heads_file import HeadsFile
from cardpay.storage.database.engine import Store
from cardpay.storage.database.open_existing import sqlite_file
from cardpay.storage.database.vacuum import vacuum

DONE, NOT_ALL = 0, 1
_WIDTH: Final = 99

_WHAT_GOES: Final = (
    "What goes: name, e-mail, phone, note, and the reason of a second payment. Amounts, ids and "
    "statuses stay."
)
_ELSEWHERE: Final = (
    "Stripe has a copy of its own: the name and postal code that were typed with the card, and "
    "whatever else its dashboard shows. Have it redacted there. Backups of this database hold "
    "the details until they are gone."
)
_ON_A_SERVER: Final = (
    "The server's own clean-up (PostgreSQL: autovacuum) removes the old versions of the rows soon."
)
_LEFTOVERS: Final = (
    "The database's file could not be written anew, so pieces of what was erased may still be "
    "in it: something else was reading it, or the disk is full. Run `python -m cardpay erase "
    "--leftovers` later."
)


@click.command
@click.option(
    "--customer",
    metavar="EMAIL",
    help="the exact e-mail; or the exact name, together with --phone; `-` asks for it",
)
@click.option("--payment", metavar="ID", help="one payment's customer")
@click.option("--staff", metavar="ACTOR_ID", help="the name behind an id of staff")
@click.option(
    "--leftovers",
    is_flag=True,
    help="write an SQLite file anew, without the pieces of what was erased",
)
@click.option("--phone", metavar="NUMBER", help="that goes with the customer's name")
@click.option("--yes", is_flag=True, help="do not ask")
def erase(
    customer: str | None,
    payment: str | None,
    staff: str | None,
    phone: str | None,
    *,
    leftovers: bool,
    yes: bool,
) -> int:
    """Remove a person's data, and keep the books.

    The exit code is 0 if nothing of the person is left, 1 if something is.
    """
    if [customer, payment, staff, leftovers or None].count(None) != 3:
        raise click.UsageError("Give one of --customer, --payment, --staff and --leftovers.")
    for option, value in (("customer", customer), ("payment", payment), ("staff", staff)):
        if value is not None and not value.strip():  # a script's variable that is not set
            raise click.UsageError(f"--{option} is empty. Nothing was erased.")
    who = _customer(customer, payment, phone)
    chosen = load_settings()
    store = existing_store(chosen)
    try:
        if leftovers:
            return DONE if _write_anew(store, chosen) else NOT_ALL
        if staff is not None:
            return _erase_staff(store, chosen, staff)
        return _erase_customer(store, chosen, who, agreed=yes)
    except PaymentNotFound as missing:
        raise click.UsageError(f"{missing.what} Nothing was erased.") from None
    finally:
        write_head(store, HeadsFile(chosen.heads_path), _now)
        store.close()


def _customer(who: str | None, payment: str | None, phone: str | None) -> Customer:
    """Who is meant; click.UsageError."""
    if who is None:
        if phone is not None:
            raise click.UsageError("--phone goes with --customer. Nothing was erased.")
        return Customer(payment_id=(payment or "").strip().lower())
    if who == "-":
        who = click.prompt("E-mail, or name", err=True)
    if phone == "-":
        phone = click.prompt("Phone", err=True)
    meant = customer_meant(who.strip(), phone or "")
    if meant is None:
        raise click.UsageError(
            "A name alone may be several people's: give the e-mail alone, or the name with "
            "--phone, or a payment's id. Nothing was erased."
        )
    return meant


def _erase_customer(store: Store, chosen: Settings, customer: Customer, *, agreed: bool) -> int:
    before = erasure.preview(store, customer)
    _say(_described(before, chosen))
    if before.erasable:
        if sqlite_file(chosen.database) is not None:
            _say("The database's file is written anew afterwards; payments wait meanwhile.")
        if not (agreed or click.confirm("Erase?", err=True)):
            _say("Nothing was erased.")
            return NOT_ALL
        count = erasure.erase_customer(store, customer, _now)
        _say(f"Erased the details of {_counted(count)}.")
    clean = not before.erasable or _write_anew(store, chosen)
    _say(_ELSEWHERE)
    return DONE if clean and not before.kept else NOT_ALL


def _described(before: Preview, chosen: Settings) -> str:
    """Counts, dates and ids; nothing of the person."""
    if before.first_at is None or before.last_at is None:
        return "No payment holds these details, or they were erased before."
    first, last = (
        at.astimezone(chosen.business_zone).date() for at in (before.first_at, before.last_at)
    )
    count = before.erasable + before.kept
    lines = [
        f"{_counted(count)} from {first} to {last} hold{'s' * (count == 1)} these details; "
        f"{before.erasable:,} can be erased now.",
        _WHAT_GOES,
    ]
    if before.kept:
        lines.append(
            f"{before.kept} must keep them for now. End what is open, and run this again:"
        )
        lines += [f"  {one.payment_id}  {one.reason}" for one in before.still_needed]
        lines += ["  …"] * (before.kept > len(before.still_needed))
    if before.naming:
        lines.append(
            "The order reference of these payments holds some of the details. It is part of the "
            "books, and Stripe has it too; it stays:"
        )
        lines += [f"  {payment_id}" for payment_id in before.naming]
    return "\n".join(lines)


def _erase_staff(store: Store, chosen: Settings, actor_id: str) -> int:
    gone = erasure.erase_staff(store, actor_id, _now)
    if not gone:
        _say("No name is kept for this id.")
        return DONE
    _say("Erased the name. The id stays in the books; the next sign-in would bring the name back.")
    return DONE if _write_anew(store, chosen) else NOT_ALL


def _write_anew(store: Store, chosen: Settings) -> bool:
    """Whether nothing is left in a file, as far as it is for us to see to."""
    if sqlite_file(chosen.database) is None:
        _say(_ON_A_SERVER)
        return True
    clean = vacuum(store.engine)
    _say("No piece of what was erased is left in the database's file." if clean else _LEFTOVERS)
    return clean


def _counted(payments: int) -> str:
    return f"{payments:,} payment{'' if payments == 1 else 's'}"


def _say(sentences: str) -> None:
    for line in sentences.split("\n"):
        click.echo(click.wrap_text(line, _WIDTH))


def _now() -> datetime:
    return datetime.now(UTC)

"""`python -m cardpay erase`: remove what identifies a person, and keep the books.

What is typed is not repeated: a terminal's record is kept as well.
"""

import argparse
import sys
import textwrap
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from cardpay import settings
from cardpay.domain.errors import PaymentNotFound, StartRefused
from cardpay.services import erasure
from cardpay.services.audit.heads import write_head
from cardpay.services.erasure import Customer, Preview
from cardpay.settings import Settings
from cardpay.settings.audit import audit_keys
from cardpay.storage import erasing, migrate
from cardpay.storage.audit.heads_file import HeadsFile
from cardpay.storage.engine import Store
from cardpay.storage.existing import (
    DatabaseError,
    DatabaseMissing,
    connect_existing,
    reason_of,
    sqlite_file,
)

DONE, NOT_ALL, MISUSED = 0, 1, 2
_AGREED: Final = "yes"
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


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command and its options."""
    command = commands.add_parser("erase", help="remove a person's data, and keep the books")
    who = command.add_mutually_exclusive_group(required=True)
    who.add_argument(
        "--customer",
        metavar="EMAIL",
        help="the exact e-mail; or the exact name, together with --phone; `-` asks for it",
    )
    who.add_argument("--payment", metavar="ID", help="one payment's customer")
    who.add_argument("--staff", metavar="ACTOR_ID", help="the name behind an id of staff")
    who.add_argument(
        "--leftovers",
        action="store_true",
        help="write an SQLite file anew, without the pieces of what was erased",
    )
    command.add_argument("--phone", metavar="NUMBER", help="that goes with the customer's name")
    command.add_argument("--yes", action="store_true", help="do not ask")


def run(given: argparse.Namespace) -> int:
    """Carry it out. 0: nothing of the person is left; 1: something is; 2: not understood."""
    customer = _customer(given)
    if isinstance(customer, str):
        sys.stderr.write(f"{customer} Nothing was erased.\n")
        return MISUSED
    chosen = settings.load()
    store = _store(chosen)
    try:
        if given.leftovers:
            return DONE if _write_anew(store, chosen) else NOT_ALL
        if given.staff:
            return _erase_staff(store, chosen, given.staff)
        return _erase_customer(store, chosen, customer, agreed=given.yes)
    except PaymentNotFound as missing:
        sys.stderr.write(f"{missing.what} Nothing was erased.\n")
        return MISUSED
    finally:
        write_head(store, HeadsFile(chosen.heads_path), _now)
        store.close()


def _customer(given: argparse.Namespace) -> Customer | str:
    """Who is meant, or what is wrong with the arguments."""
    who, phone = given.customer, given.phone
    if phone is not None and who is None:
        return "--phone goes with --customer."
    if who is None:
        return Customer(payment_id=(given.payment or "").strip().lower())
    if who == "-":
        who = _asked("E-mail, or name: ")
    if phone == "-":
        phone = _asked("Phone: ")
    who = who.strip()
    if "@" in who and not phone:
        return Customer(email=who)
    if not who or "@" in who or not any(character.isdigit() for character in phone or ""):
        return (
            "A name alone may be several people's: give the e-mail alone, or the name with "
            "--phone, or a payment's id."
        )
    return Customer(name=who, phone=phone)


def _store(chosen: Settings) -> Store:
    """The database as it is, neither made nor migrated here; StartRefused.

    A key that is missing is made up beside an SQLite file alone, where the desk finds it.
    """
    try:
        engine = connect_existing(chosen.database)
        current = migrate.is_current(engine)
    except DatabaseMissing as missing:
        raise StartRefused(
            "CARDPAY_DATABASE_URL", f"names a database that is not there: {missing.file}."
        ) from None
    except DatabaseError as error:
        raise StartRefused(
            "CARDPAY_DATABASE_URL",
            f"names a database that cannot be used: {reason_of(error)}.",
        ) from None
    if not current:
        engine.dispose()
        raise StartRefused(
            "CARDPAY_DATABASE_URL",
            "names a database of another version: run `python -m cardpay migrate` first.",
        )
    try:
        keys = audit_keys(chosen, make=sqlite_file(chosen.database) is not None)
    except StartRefused:
        engine.dispose()
        raise
    return Store(engine, keys)


def _erase_customer(store: Store, chosen: Settings, customer: Customer, *, agreed: bool) -> int:
    before = erasure.preview(store, customer)
    _say(_described(before, chosen))
    if before.erasable:
        if sqlite_file(chosen.database) is not None:
            _say("The database's file is written anew afterwards; payments wait meanwhile.")
        if not (agreed or _asked(f"Erase? Type {_AGREED}: ").strip() == _AGREED):
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
        lines += [f"  {one.payment_id}  {one.why}" for one in before.kept_back]
        lines += ["  …"] * (before.kept > len(before.kept_back))
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
    clean = erasing.write_anew(store.engine)
    _say("No piece of what was erased is left in the database's file." if clean else _LEFTOVERS)
    return clean


def _counted(payments: int) -> str:
    return f"{payments:,} payment{'' if payments == 1 else 's'}"


def _asked(question: str) -> str:
    """A line from whoever sits there; nothing where nobody does."""
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline()


def _say(sentences: str) -> None:
    lines = (textwrap.wrap(line, _WIDTH) or [line] for line in sentences.split("\n"))
    sys.stdout.write("".join(f"{line}\n" for wrapped in lines for line in wrapped))


_now: Final[Callable[[], datetime]] = lambda: datetime.now(UTC)  # noqa: E731 - a clock to hand on

"""An account with a long past, as Stripe's lists show it.

python -m tests.benchmarks.backfill.list_server.

Nothing is stored: an object's number gives its id, its time and its fate, so that a page costs
little more than its bytes and the reader is what is measured. Objects have all the fields that
the sandbox's have, since their texts are made from the sandbox's. Each answer takes
`--latency-ms` longer than it needs.
"""

import argparse
import asyncio
import json
import re
import string
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.benchmarks.backfill.past_objects import ACCOUNT, Texts, texts_of_the_sandbox

# PaymentIntent 0 is the oldest; all that belongs to number i happens before i + 1.
FIRST_AT = int(datetime(2023, 1, 1, tzinfo=UTC).timestamp())
SECONDS_BETWEEN = 300


@dataclass(frozen=True)
class Fate:
    """What became of PaymentIntent number i."""

    number: int

    @property
    def cancelled(self) -> bool:
        """Given up before any card."""
        return self.number % 25 == 3

    @property
    def unpaid(self) -> bool:
        """One card declined, and nothing since."""
        return self.number % 40 == 9

    @property
    def second_card(self) -> bool:
        """One card declined, the next one charged."""
        return self.number % 20 == 7 and not self.cancelled

    @property
    def paid(self) -> bool:
        """Charged in the end."""
        return not self.cancelled and not self.unpaid

    @property
    def refunded(self) -> bool:
        """A part was given back."""
        return self.paid and self.number % 10 == 0

    @property
    def disputed(self) -> bool:
        """The cardholder objected."""
        return self.paid and self.number % 200 == 5

    def has_charge(self, place: int) -> bool:
        """Whether there is a Charge at place 0 (the first card) or 1 (the second)."""
        return (self.paid or self.unpaid) if place == 0 else self.second_card

    def has_transaction(self, place: int) -> bool:
        """Of a Charge at 0 or 1, of a Refund at 2, of a Dispute at 3."""
        if place < 2:
            return self.paid and self.has_charge(place) and place == int(self.second_card)
        return self.refunded if place == 2 else self.disputed


@dataclass(frozen=True)
class Kind:
    """One list: how many places a PaymentIntent has in it, and which of them are taken."""

    prefix: str
    places: int
    delay_seconds: int  # of place 0, behind the PaymentIntent; the others are a minute apart
    taken: Callable[[Fate, int], bool]
    text: Callable[[Texts, Fate, int], str]

    def created(self, index: int) -> int:
        """When the object of this number was made, in Unix seconds."""
        number, place = divmod(index, self.places)
        return FIRST_AT + number * SECONDS_BETWEEN + self.delay_seconds + 60 * place

    def exists(self, index: int) -> bool:
        """Whether there is an object of this number."""
        number, place = divmod(index, self.places)
        return self.taken(Fate(number), place)


KINDS = {
    "payment_intents": Kind("pi_3", 1, 0, lambda _fate, _place: True, Texts.payment_intent),
    "charges": Kind("ch_3", 2, 10, Fate.has_charge, Texts.charge),
    "refunds": Kind("re_3", 1, 80, lambda fate, _: fate.refunded, Texts.refund),
    "disputes": Kind("du_1", 1, 90, lambda fate, _: fate.disputed, Texts.dispute),
    "balance_transactions": Kind("txn_3", 4, 15, Fate.has_transaction, Texts.balance_transaction),
}

_KIND_OF = {kind.prefix: kind for kind in KINDS.values()} | {"pm_1": KINDS["charges"]}
_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_OF_ACCOUNT = "CardpayPas"


def identifier(prefix: str, index: int) -> str:
    """Of the shape of Stripe's, whose ids begin with their second and name their account.

    As in the examples of its OpenAPI description, where `Pgafm` and `Pgag2` are 16 seconds apart
    and `B7WZ01zgkW` stands behind both. The last eight are random there, and the number here.
    """
    return f"{prefix}{_second(_KIND_OF[prefix].created(index))}{_OF_ACCOUNT}{index:08}"


def _second(at: int) -> str:
    digits = ""
    for _ in range(5):
        at, digit = divmod(at, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits


class Account:
    """What the lists of `count` PaymentIntents answer."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._texts = texts_of_the_sandbox(identifier, FIRST_AT, SECONDS_BETWEEN)

    def answer(self, target: str) -> tuple[int, bytes]:
        """Status and JSON of a GET."""
        parts = urlsplit(target)
        names = parts.path.removeprefix("/v1/").strip("/").split("/")
        if names == ["accounts"]:  # connected ones, of which there are none
            return 200, b'{"object": "list", "url": "/v1/accounts", "has_more": false, "data": []}'
        if names[0] in {"account", "accounts"}:
            return 200, json.dumps(ACCOUNT).encode()
        if names == ["payouts"]:  # all of the balance is still at Stripe
            return 200, b'{"object": "list", "url": "/v1/payouts", "has_more": false, "data": []}'
        if names[0] == "payment_methods":
            return 200, self._texts.payment_method(names[1]).encode()
        if names[0] not in KINDS:
            return 404, b'{"error": {"type": "invalid_request_error", "message": "no such list"}}'
        kind = KINDS[names[0]]
        if len(names) == 2:
            return 200, self._text(kind, _index(names[1])).encode()
        asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        return 200, self._page(names[0], kind, asked).encode()

    def objects(self, name: str) -> Iterator[dict[str, Any]]:
        """Every object of a list, oldest first."""
        kind = KINDS[name]
        for index in range(self._count * kind.places):
            if kind.exists(index):
                yield json.loads(self._text(kind, index))

    def total(self) -> int:
        """How many objects all lists have together."""
        return sum(
            kind.exists(index)
            for kind in KINDS.values()
            for index in range(self._count * kind.places)
        )

    def _page(self, name: str, kind: Kind, asked: Mapping[str, str]) -> str:
        limit = int(asked.get("limit", "10"))
        numbers = self._newest_first(kind, asked)
        found = [self._text(kind, index) for _, index in zip(range(limit), numbers, strict=False)]
        more = next(numbers, None) is not None
        return (
            f'{{"object": "list", "url": "/v1/{name}", "has_more": {str(more).lower()}, '
            f'"data": [{", ".join(found)}]}}'
        )

    def _newest_first(self, kind: Kind, asked: Mapping[str, str]) -> Iterator[int]:
        most = self._count * kind.places - 1
        if "created[lte]" in asked:
            number = (int(asked["created[lte]"]) - FIRST_AT) // SECONDS_BETWEEN
            most = min(most, number * kind.places + kind.places - 1)
        if "starting_after" in asked:
            most = min(most, _index(asked["starting_after"]) - 1)
        least_at = int(asked.get("created[gte]", "0"))
        most_at = int(asked.get("created[lte]", "99999999999"))
        for index in range(most, -1, -1):
            at = kind.created(index)
            if at < least_at:
                return
            if at <= most_at and kind.exists(index):
                yield index

    def _text(self, kind: Kind, index: int) -> str:
        number, place = divmod(index, kind.places)
        return kind.text(self._texts, Fate(number), place)


def _index(object_id: str) -> int:
    return int(object_id[-8:])


async def serve(account: Account, port: int, latency_seconds: float) -> None:
    """HTTP/1.1 with as little around it as will do."""

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                target = head.split(b" ", 2)[1].decode()
                length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
                if length:
                    await reader.readexactly(int(length[1]))
                status, body = account.answer(target)
                await asyncio.sleep(latency_seconds)
                writer.write(
                    f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n"
                    f"Content-Length: {len(body)}\r\n\r\n".encode()
                )
                writer.write(body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(converse, "127.0.0.1", port)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await server.serve_forever()


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description="A long past, served as lists.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--intents", type=int, default=100_000)
    parser.add_argument("--latency-ms", type=float, default=150.0)
    given = parser.parse_args()
    account: Any = Account(given.intents)
    asyncio.run(serve(account, given.port, given.latency_ms / 1000))


if __name__ == "__main__":
    main()

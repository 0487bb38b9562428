"""Where the time of one webhook goes: each step by itself, beside the whole over HTTP.

The steps run in this process, one event after the other as Stripe's own requests would; the
whole is a request to the receiver alone on a kept connection. What the steps do not account for
is HTTP itself: two processes, the socket between them, uvicorn and Starlette.
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import stripe

from cardpay.domain.stripe_account import Mode, StripeAccount
from cardpay.gateway.webhook_verification import TOLERANCE_SECONDS, verified_event
from cardpay.sandbox.webhook_sender import signature
from cardpay.services.desk import Desk
from cardpay.services.webhooks.group_commit import Inbox
from cardpay.services.webhooks.receive_event import event_row
from cardpay.storage.database.engine import Store, connect
from tests.benchmarks.ingest import load
from tests.benchmarks.ingest.contenders import (
    CONTENDERS,
    WEBHOOK_SECRET,
    Surroundings,
)
from tests.benchmarks.ingest.turns import WARM_UP
from tests.benchmarks.ingest.webhook_events import Account
from tests.support.databases.databases import PostgresqlDatabases
from tests.support.desks.worlds import AUDIT_KEYS

CARDPAY = next(contender for contender in CONTENDERS if contender.name == "cardpay")


@dataclass(frozen=True)
class Step:
    """The median of one step, in microseconds."""

    name: str
    microseconds: float


def steps(around: Surroundings, account: Account, bodies: Path, count: int) -> list[Step]:
    """The whole first, then its parts; `count` events for each."""
    databases = PostgresqlDatabases(around.cluster)
    with CARDPAY.start(around) as receiver:
        job = load.Job(receiver.url, WEBHOOK_SECRET, str(bodies), 0, WARM_UP + count, 1)
        texts = [text.encode() for text in load.texts(job)[WARM_UP:]]
        whole = statistics.median(load.send(job).milliseconds[WARM_UP:]) * 1000
    with databases.copy(databases.template()) as url:
        store = Store(connect(url), AUDIT_KEYS)
        books = StripeAccount(Mode.TEST, account.sandbox.account_id, livemode=False)
        desk = Desk(store, account.gateway, books, moto=False)
        parts = asyncio.run(_parts(desk, texts))
        store.close()
    rest = whole - sum(part.microseconds for part in parts)
    return [*parts, Step("HTTP and what is between", rest), Step("the whole request", whole)]


async def _parts(desk: Desk, texts: Sequence[bytes]) -> list[Step]:
    now = int(time.time())
    signed = [(body, signature(body, WEBHOOK_SECRET, now)) for body in texts]

    def check(one: tuple[bytes, str]) -> None:
        stripe.WebhookSignature.verify_header(*one, WEBHOOK_SECRET, TOLERANCE_SECONDS)

    checked = _each(check, signed)
    read = _each(lambda one: verified_event(one[0], one[1], WEBHOOK_SECRET), signed)
    events = [verified_event(body, header, WEBHOOK_SECRET) for body, header in signed]
    chosen = _each(lambda event: event_row(desk, event), events)
    inbox = Inbox(desk)
    await inbox.store(events[0])  # connects
    stored = await _each_awaited(inbox.store, events[1:])
    return [
        Step("signature", checked),
        Step("reading the event", read - checked),
        Step("the fields that are kept", chosen),
        Step("insert and commit", stored - chosen),
    ]


def _each(work: Callable[[Any], object], inputs: Sequence[Any]) -> float:
    times = []
    for one in inputs:
        began_at = time.perf_counter()
        work(one)
        times.append(time.perf_counter() - began_at)
    return statistics.median(times) * 1e6


async def _each_awaited(work: Callable[[Any], Awaitable[object]], inputs: Sequence[Any]) -> float:
    times = []
    for one in inputs:
        began_at = time.perf_counter()
        await work(one)
        times.append(time.perf_counter() - began_at)
    return statistics.median(times) * 1e6


def report(found: Sequence[Step]) -> tuple[list[str], dict[str, Any], bool]:
    """The table and what JSON gets; there is no bound."""
    whole = found[-1].microseconds
    lines = [f"{'one at a time':<28}{'µs':>8}{'share':>8}"]
    lines += [
        f"{step.name:<28}{step.microseconds:>8.0f}{step.microseconds / whole:>8.0%}"
        for step in found
    ]
    return lines, {"steps": [asdict(step) for step in found]}, True

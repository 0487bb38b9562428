"""How fast stored events are applied: python -m tests.benchmarks.backlog [--events 10000].

So many events of an account with a long past are stored in PostgreSQL; then one process applies
them all. Those that name a fee need Stripe, which answers at once here: what is measured is the
desk. Meanwhile a person creates payments, one after the other, as they did before the backlog was
there. A table goes to stderr, JSON to stdout; the exit code is 1 if an event is left, or if
creating takes a person more than twice as long (the 95th percentile).
"""

import argparse
import json
import resource
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path
from statistics import quantiles
from typing import Any

from sqlmodel import select

from cardpay.domain.stripe_account import Mode, StripeAccount
from cardpay.gateway import snapshot_parsing
from cardpay.gateway.stripe_gateway import API_VERSION, StripeGateway
from cardpay.services.desk import Desk
from cardpay.services.taking.create_payment import create_payment
from cardpay.services.webhooks.backpressure import Backpressure
from cardpay.services.webhooks.event_worker import process_received, process_retrievals
from cardpay.services.webhooks.receive_event import store_events
from cardpay.storage.database import migrate
from cardpay.storage.database.engine import Store, connect
from cardpay.storage.schema.tables import StripeEvent
from tests.benchmarks import printed
from tests.benchmarks.backfill.list_server import Account
from tests.benchmarks.backfill.past_objects import ACCOUNT
from tests.support.databases import postgresql
from tests.support.desks.worlds import AGENT, AUDIT_KEYS, add_products, draft
from tests.support.processes.servers import SECRET_KEY, stripe_server

MOST_TIMES_THE_WAIT = 2.0
BEFORE_SECONDS = 10.0


@dataclass(frozen=True)
class _Reply:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class _Person:
    """Creates payments until it is told to stop; how long each took, in milliseconds."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._stop = threading.Event()
        self._took: list[float] = []
        self._thread = threading.Thread(target=self._work)

    def start(self) -> None:
        """Begin, on another thread."""
        self._thread.start()

    def stop(self) -> list[float]:
        """End, and return all times."""
        self._stop.set()
        self._thread.join()
        return self._took

    def _work(self) -> None:
        while not self._stop.is_set():
            began_at = time.monotonic()
            create_payment(self._desk, AGENT, draft(order_reference=f"SO-{time.monotonic_ns()}"))
            self._took.append((time.monotonic() - began_at) * 1_000)
            self._stop.wait(0.02)


def _events(account: Account) -> Iterator[dict[str, Any]]:
    """For each PaymentIntent and Charge the event that it ended with."""
    numbers = count()
    for name, event_type in (
        ("payment_intents", "payment_intent.updated"),
        ("charges", "charge.updated"),
    ):
        for one in account.objects(name):
            yield {
                "id": f"evt_{next(numbers):012}",
                "object": "event",
                "type": event_type,
                "api_version": API_VERSION,
                "livemode": False,
                "created": one["created"],
                "data": {"object": one},
            }


def _p95(took: list[float]) -> float:
    return quantiles(took, n=20)[-1]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=10_000)
    given = parser.parse_args()
    account = Account(given.events // 2)

    def send(method: str, target: str, headers: Mapping[str, str], body: bytes) -> _Reply:
        del method, headers, body  # all are reads
        return _Reply(*account.answer(target))

    with (
        tempfile.TemporaryDirectory() as folder,
        postgresql.cluster(durable=True) as cluster,
        stripe_server(Path(folder)) as stripe,
    ):
        engine = connect(cluster.url(cluster.new()))
        migrate.upgrade(engine)
        store = Store(engine, AUDIT_KEYS)
        whose = StripeAccount(Mode.TEST, str(ACCOUNT["id"]), livemode=False)
        desk = Desk(store, StripeGateway(SECRET_KEY, send=send), whose, moto=False)
        add_products(store, desk.now())
        at_work = Desk(store, StripeGateway(SECRET_KEY, api_base=stripe.url), whose, moto=False)
        printed.tell("storing events")
        made = _events(account)
        while bodies := list(islice(made, 500)):
            store_events(desk, [snapshot_parsing.event(body) for body in bodies])
        before = _Person(at_work)
        before.start()
        time.sleep(BEFORE_SECONDS)
        alone = before.stop()
        meanwhile = _Person(at_work)
        meanwhile.start()
        figures = _applied(desk)
        beside = meanwhile.stop()
        with store.reading() as session:
            states = Counter(str(state) for state in session.exec(select(StripeEvent.state)))
        store.close()
    figures |= {
        "events": sum(states.values()),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "create_p95_ms_before": _p95(alone),
        "create_p95_ms_meanwhile": _p95(beside),
        "states": json.dumps(states),
    }
    lines = [
        f"{name:<26}{value:>12,.1f}" if isinstance(value, float) else f"{name:<26}{value:>12}"
        for name, value in figures.items()
    ]
    printed.show(lines, figures)
    kept = _p95(beside) <= MOST_TIMES_THE_WAIT * _p95(alone)
    return 0 if kept and set(states) == {"handled"} else 1


def _applied(desk: Desk) -> dict[str, Any]:
    backpressure = Backpressure()
    began_at = time.monotonic()
    received = process_received(desk, before_each=backpressure.wait_for_quiet)
    received_at = time.monotonic()
    process_retrievals(desk, before_each=backpressure.wait_for_quiet)
    ended_at = time.monotonic()
    return {
        "own_fields_per_second": received / (received_at - began_at),
        "all_per_second": received / (ended_at - began_at),
        "reads": desk.gateway.reads.total,
    }


if __name__ == "__main__":
    sys.exit(main())

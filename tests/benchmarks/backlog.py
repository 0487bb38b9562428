"""How fast stored events are applied: python -m tests.benchmarks.backlog [--payments 1000].

The events of so many payments, which the desk knows nothing of, are stored in PostgreSQL; then one
process applies them all. Those that name a fee need a read of Stripe, which answers at once here.
Figures go to stderr, JSON to stdout; the exit code is 1 if an event is left.
"""

import argparse
import json
import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from sqlmodel import select

from cardpay.domain.stripe_account import Mode, StripeAccount
from cardpay.gateway import snapshot_parsing
from cardpay.services.desk import Desk
from cardpay.services.webhooks.event_worker import process_received, process_retrievals
from cardpay.services.webhooks.receive_event import store_events
from cardpay.storage.database import migrate
from cardpay.storage.database.engine import Store, connect
from cardpay.storage.schema.tables import StripeEvent
from tests.benchmarks import printed
from tests.benchmarks.ingest.webhook_events import Account
from tests.support.databases import postgresql
from tests.support.desks.worlds import AUDIT_KEYS


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--payments", type=int, default=1_000)
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        postgresql.cluster(durable=True) as cluster,
    ):
        url = cluster.url(cluster.new())
        account = Account(Path(folder) / "stripe.db")
        account.take_payments(given.payments)
        events = [snapshot_parsing.event(json.loads(body)) for body in account.events()]
        engine = connect(url)
        migrate.upgrade(engine)
        desk = Desk(
            Store(engine, AUDIT_KEYS),
            account.gateway,
            StripeAccount(Mode.TEST, account.sandbox.account_id, livemode=False),
            moto=False,
        )
        for first in range(0, len(events), 500):
            store_events(desk, events[first : first + 500])
        began_at = time.monotonic()
        process_received(desk)
        received_at = time.monotonic()
        reads = desk.gateway.reads.total
        process_retrievals(desk)
        ended_at = time.monotonic()
        with desk.store.reading() as session:
            states = Counter(str(state) for state in session.exec(select(StripeEvent.state)))
        figures = {
            "events": len(events),
            "own_fields_per_second": len(events) / (received_at - began_at),
            "all_per_second": len(events) / (ended_at - began_at),
            "reads": desk.gateway.reads.total - reads,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "states": dict(states),
        }
        desk.store.close()
    lines = [
        f"{name:<24}{value:,.1f}" if isinstance(value, float) else f"{name:<24}{value}"
        for name, value in figures.items()
    ]
    printed.show(lines, figures)
    return 0 if set(states) == {"handled"} else 1


if __name__ == "__main__":
    sys.exit(main())

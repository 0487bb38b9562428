"""How fast webhooks are taken in: python -m tests.benchmarks.ingest.

Signed events go over HTTP to cardpay's receiver, and in turn to others of the same purpose:
npm's sync engine, dj-stripe, and a bare endpoint of our own stack. All stand on one PostgreSQL
server with a database each, get the same events, and are one process each. Each round lets
every one of them take new events one at a time, 10 at once and 50 at once; the order of turns
changes from round to round, and the table shows medians. Before the next turn cardpay has
applied what it took, so that nobody is measured in the shadow of somebody else's work.

`--sustained` sends 50 events a second while the desk is in use, and looks for each of them
afterwards; `--where` tells where the receiver's time goes. A table goes to stderr, JSON to
stdout; the exit code is 1 when a bound is not kept.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.benchmarks import printed
from tests.benchmarks.ingest.contenders import CONTENDERS, Surroundings
from tests.benchmarks.ingest.turns import AT_ONCE, WARM_UP, Batches, measure, report
from tests.benchmarks.ingest.webhook_events import PER_PAYMENT, Account
from tests.benchmarks.peers import installing
from tests.support import postgresql, servers


@contextmanager
def _surroundings(
    options: argparse.Namespace, payments: int
) -> Iterator[tuple[Surroundings, Path]]:
    """PostgreSQL, a Stripe with that many payments, and the file with their events."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        printed.tell(f"making the events of {payments} payments")
        account = Account(folder / "stripe.db")
        account.take_payments(payments)
        file = folder / "events.json"
        file.write_text(json.dumps(account.events()), encoding="utf-8")
        account.sandbox.close()
        stripe = stack.enter_context(servers.stripe_server(folder))
        around = Surroundings(
            cluster=stack.enter_context(postgresql.cluster(durable=options.durable)),
            folder=folder,
            api_base=stripe.url,
            secret_key=account.sandbox.secret_key,
            publishable_key=account.sandbox.publishable_key,
            cache=options.cache,
            workers=options.workers,
        )
        yield around, file


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Webhooks over HTTP into PostgreSQL.")
    names = [contender.name for contender in CONTENDERS]
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--events", type=int, default=2000, help="in each turn")
    parser.add_argument("--workers", type=int, default=1, help="processes of cardpay's receiver")
    parser.add_argument("--durable", action="store_true", help="commits wait for the disk")
    parser.add_argument("--cache", type=Path, default=installing.default_cache())
    return parser.parse_args()


def main() -> int:
    """0 when each bound is kept."""
    options = _options()
    options.cache.mkdir(parents=True, exist_ok=True)
    events = WARM_UP + options.rounds * len(AT_ONCE) * options.events
    chosen = [contender for contender in CONTENDERS if contender.name in options.only]
    with _surroundings(options, -(-events // PER_PAYMENT)) as (around, file):
        batches = Batches(file, options.events)
        lines, found, kept = report(measure(chosen, around, batches, options.rounds))
    conditions = {"cores": os.cpu_count(), "workers": options.workers, "durable": options.durable}
    printed.show(lines, found | conditions)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())

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
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from tests.benchmarks import printed
from tests.benchmarks.ingest import sustained, turns, where
from tests.benchmarks.ingest.contenders import CONTENDERS, Surroundings
from tests.benchmarks.ingest.turns import AT_ONCE, WARM_UP, Batches
from tests.benchmarks.ingest.webhook_events import PER_PAYMENT, Account
from tests.benchmarks.peers import installing
from tests.support.databases import postgresql
from tests.support.databases.databases import PostgresqlDatabases
from tests.support.databases.postgresql import Cluster
from tests.support.processes import servers

Prepared = TypeVar("Prepared")
Report: TypeAlias = tuple[list[str], dict[str, Any], bool]  # the table, the JSON, bounds kept


@contextmanager
def _surroundings(
    options: argparse.Namespace, prepare: Callable[[Account, Cluster], Prepared]
) -> Iterator[tuple[Surroundings, Path, Prepared]]:
    """PostgreSQL, a Stripe whose payments `prepare` makes, and the file with their events."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        cluster = stack.enter_context(postgresql.cluster(durable=options.durable))
        account = Account(folder / "stripe.db")
        printed.tell("making payments and their events")
        prepared = prepare(account, cluster)
        file = folder / "events.json"
        file.write_text(json.dumps(account.events()), encoding="utf-8")
        account.sandbox.close()
        stripe = stack.enter_context(servers.stripe_server(folder))
        around = Surroundings(
            cluster=cluster,
            folder=folder,
            api_base=stripe.url,
            secret_key=account.sandbox.secret_key,
            publishable_key=account.sandbox.publishable_key,
            cache=options.cache,
            workers=options.workers,
        )
        yield around, file, prepared


def _in_turns(options: argparse.Namespace) -> Report:
    chosen = [contender for contender in CONTENDERS if contender.name in options.only]
    events = WARM_UP + options.rounds * len(AT_ONCE) * options.events

    def prepare(account: Account, _cluster: Cluster) -> None:
        account.take_payments(-(-events // PER_PAYMENT))

    with _surroundings(options, prepare) as (around, file, _):
        return turns.report(
            turns.measure(chosen, around, Batches(file, options.events), options.rounds)
        )


def _sustained(options: argparse.Namespace) -> Report:
    events = sustained.PER_SECOND * options.seconds * len(sustained.RECEIVERS)

    def prepare(account: Account, cluster: Cluster) -> str:
        database_url = cluster.url(PostgresqlDatabases(cluster).template())
        sustained.take_payments(account, database_url, -(-events // PER_PAYMENT))
        return database_url

    with _surroundings(options, prepare) as (around, file, database_url):
        return sustained.report(sustained.run(around, database_url, file, options.seconds))


def _where(options: argparse.Namespace) -> Report:
    def prepare(account: Account, _cluster: Cluster) -> Account:
        account.take_payments(-(-(WARM_UP + options.events) // PER_PAYMENT))
        return account

    with _surroundings(options, prepare) as (around, file, account):
        return where.report(where.steps(around, account, file, options.events))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Webhooks over HTTP into PostgreSQL.")
    names = [contender.name for contender in CONTENDERS]
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--events", type=int, default=2000, help="in each turn")
    parser.add_argument("--workers", type=int, default=1, help="processes of cardpay's receiver")
    parser.add_argument("--durable", action="store_true", help="commits wait for the disk")
    parser.add_argument("--sustained", action="store_true", help="50 a second, in use")
    parser.add_argument("--where", action="store_true", help="where one event's time goes")
    parser.add_argument("--seconds", type=int, default=60, help="of --sustained")
    parser.add_argument("--cache", type=Path, default=installing.default_cache())
    return parser.parse_args()


def main() -> int:
    """0 when each bound is kept."""
    options = _options()
    options.cache.mkdir(parents=True, exist_ok=True)
    measure = _sustained if options.sustained else _where if options.where else _in_turns
    lines, found, kept = measure(options)
    conditions = {"cores": os.cpu_count(), "workers": options.workers, "durable": options.durable}
    printed.show(lines, found | conditions)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())

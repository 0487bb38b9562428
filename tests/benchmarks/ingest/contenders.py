"""Who receives webhooks in the ingest benchmark, each as a server with a database of its own."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias
from uuid import uuid4

import psycopg

from cardpay.gateway.stripe_gateway import API_VERSION
from tests.benchmarks.peers import installing
from tests.support.databases.databases import PostgresqlDatabases
from tests.support.databases.postgresql import Cluster
from tests.support.processes.servers import ROOT, free_port, python, serving

WEBHOOK_SECRET = "whsec_ofTheIngestBenchmark"
PEERS = ROOT / "tests" / "benchmarks" / "peers"
_UVICORN = ("--no-access-log", "--log-level=warning")


@dataclass(frozen=True)
class Surroundings:
    """What all of them stand on: one PostgreSQL, one Stripe with its keys, a folder for logs."""

    cluster: Cluster
    folder: Path
    api_base: str
    secret_key: str
    publishable_key: str
    cache: Path
    workers: int = 1


Event: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class Receiver:
    """A running server: where it takes events, and how to see what became of them.

    `row_of` names the row that an event makes, or finds made by an earlier one.
    """

    url: str
    database_url: str
    rows_sql: str
    waiting_sql: str | None = None
    row_of: Callable[[Event], str] = lambda event: str(event["id"])

    def rows(self) -> int:
        """How many rows it has made of all events until now."""
        return self._number(self.rows_sql)

    def waiting(self) -> int:
        """How many events it has answered but not yet applied."""
        return self._number(self.waiting_sql) if self.waiting_sql else 0

    def _number(self, sql: str) -> int:
        with psycopg.connect(self.database_url) as connection:
            found = connection.execute(sql.encode()).fetchone()
        assert found is not None
        return int(found[0])


Start: TypeAlias = Callable[[Surroundings], AbstractContextManager[Receiver]]


@dataclass(frozen=True)
class Contender:
    """`share` of the events is enough to measure a slow one."""

    name: str
    start: Start
    share: float = 1.0


@contextmanager
def cardpay(around: Surroundings) -> Iterator[Receiver]:
    """The receiver alone, as the documentation starts it."""
    with database(around, migrated=True) as database_url:
        settings = cardpay_settings(around, database_url)
        command = uvicorn("cardpay.web.receiver:app", port := free_port(), around.workers)
        with serving(around.folder, "cardpay", port, command, up="/readyz", **settings) as server:
            yield receiver_of_cardpay(server.url, database_url)


def receiver_of_cardpay(url: str, database_url: str) -> Receiver:
    """The receiver of a cardpay that runs at `url`."""
    return Receiver(
        f"{url}/webhooks/stripe",
        database_url,
        "SELECT count(*) FROM stripe_event",
        "SELECT count(*) FROM stripe_event"
        " WHERE state IN ('received', 'needs_retrieve', 'failed')",
    )


def cardpay_settings(around: Surroundings, database_url: str) -> dict[str, str]:
    """The environment of a cardpay in test mode against the sandbox."""
    return {
        "CARDPAY_DATABASE_URL": database_url,
        "CARDPAY_STRIPE_API_BASE": around.api_base,
        "STRIPE_SECRET_KEY": around.secret_key,
        "STRIPE_PUBLISHABLE_KEY": around.publishable_key,
        "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "CARDPAY_SIGN_IN": "off",
        # A comparison with Stripe finds the events first that are yet to be sent.
        "CARDPAY_RECONCILE_MINUTES": "0",
        # What the events are of was all paid within the hour.
        "CARDPAY_LIMIT_PAYMENTS_PER_HOUR": "0",
    }


def uvicorn(app: str, port: int, workers: int = 1) -> list[str]:
    """The command that serves an ASGI app."""
    return python("-m", "uvicorn", app, f"--port={port}", f"--workers={workers}", *_UVICORN)


@contextmanager
def bare(around: Surroundings) -> Iterator[Receiver]:
    """Signature check and one insert, on the same server software."""
    with database(around) as url:
        settings = {"BARE_DATABASE_URL": url, "BARE_WEBHOOK_SECRET": WEBHOOK_SECRET}
        command = uvicorn("tests.benchmarks.ingest.bare_endpoint:app", port := free_port())
        with serving(around.folder, "bare", port, command, up="/", **settings) as server:
            yield Receiver(f"{server.url}/", url, "SELECT count(*) FROM event")


@contextmanager
def sync_engine(around: Surroundings, *, retrieves: bool = False) -> Iterator[Receiver]:
    """npm `@supabase/stripe-sync-engine`. It keeps objects, not events: those are its rows.

    `retrieves`: it asks the API for the object of each event.
    """
    modules = installing.sync_engine(around.cache)
    with database_of_sync_engine(around) as url:
        settings = peer_settings(around, url) | {
            "NODE_PATH": str(modules),
            "PEER_PORT": str(port := free_port()),
        }
        if retrieves:
            settings["PEER_API_BASE"] = around.api_base
        command = ["node", str(PEERS / "sync_engine.cjs")]
        with serving(around.folder, "sync-engine", port, command, up="/", **settings) as server:
            objects = (
                "SELECT (SELECT count(*) FROM stripe.payment_intents)"
                " + (SELECT count(*) FROM stripe.charges)"
            )
            yield Receiver(
                f"{server.url}/",
                url,
                objects,
                row_of=lambda event: str(event["data"]["object"]["id"]),
            )


@contextmanager
def database_of_sync_engine(around: Surroundings) -> Iterator[str]:
    """The URL of a database with the role that its migrations name."""
    with database(around) as url:
        with psycopg.connect(url) as connection:
            found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'postgres'")
            if found.fetchone() is None:
                connection.execute("CREATE ROLE postgres")
        yield url


@contextmanager
def dj_stripe(around: Surroundings, api_version: str = API_VERSION) -> Iterator[Receiver]:
    """PyPI `dj-stripe` behind gunicorn, with threads since it waits for the API."""
    programs = installing.dj_stripe(around.cache)
    endpoint = str(uuid4())
    with database(around) as url:
        settings = peer_settings(around, url) | {
            "PEER_API_BASE": around.api_base,
            "PEER_API_VERSION": api_version,
        }
        installing.run(
            *(str(programs / "python"), str(PEERS / "dj_stripe_project.py"), endpoint),
            cwd=around.folder,
            **settings,
        )
        command = [
            str(programs / "gunicorn"),
            f"--chdir={PEERS}",
            f"--bind=127.0.0.1:{(port := free_port())}",
            *("--worker-class=gthread", "--threads=50", "--keep-alive=60"),
            *("--log-level=warning", "dj_stripe_project:application"),
        ]
        with serving(around.folder, "dj-stripe", port, command, up="/", **settings) as server:
            path = f"/stripe/webhook/{endpoint}"
            rows = "SELECT count(*) FROM djstripe_event"
            yield Receiver(f"{server.url}{path}", url, rows)


CONTENDERS = (
    Contender("cardpay", cardpay),
    Contender("sync-engine", sync_engine),
    Contender("bare", bare),
    Contender("dj-stripe", dj_stripe, share=0.05),
)


def peer_settings(around: Surroundings, database_url: str) -> dict[str, str]:
    """What each of the peers is told about its database and the account."""
    return {
        "PEER_DATABASE_URL": database_url,
        "PEER_SECRET_KEY": around.secret_key,
        "PEER_WEBHOOK_SECRET": WEBHOOK_SECRET,
    }


@contextmanager
def database(around: Surroundings, *, migrated: bool = False) -> Iterator[str]:
    """The URL of a database that is there for as long as it is used."""
    databases = PostgresqlDatabases(around.cluster)
    with databases.copy(databases.template() if migrated else None) as url:
        yield url

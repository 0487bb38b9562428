"""Processes of their own around one PostgreSQL and one Stripe."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from cardpay.gateway.stripe_gateway import StripeGateway
from cardpay.services.desk import Desk
from cardpay.services.payment_view import PaymentView, find
from cardpay.services.recovery import resolve
from tests.integration.processes.worker import HALTED, Halt, Job, desk_of
from tests.support import servers
from tests.support.databases import PostgresqlDatabases
from tests.support.postgresql import Cluster
from tests.support.servers import PUBLISHABLE_KEY, ROOT, SECRET_KEY, StripeServer
from tests.support.worlds import VISA, add_products


@dataclass
class Office:
    """Several processes on one database; the test itself looks on and recovers."""

    job: Job
    desk: Desk
    stripe: StripeServer
    running: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, step: str, *, halt: Halt = "", card: str = "") -> subprocess.Popen[str]:
        """Let a new process carry out one step."""
        job = replace(self.job, step=step, halt=halt, payment_method_id=card)
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.processes.worker", str(job)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.running.append(process)
        return process

    def kill(self, step: str, halt: Halt, *, card: str = "") -> None:
        """Let a process carry out a step until it stands still there, and `kill -9` it."""
        process = self.start(step, halt=halt, card=card)
        assert process.stdout is not None
        assert process.stdout.readline().strip() == HALTED
        process.kill()
        process.wait()

    def finish(self, *processes: subprocess.Popen[str]) -> list[str]:
        """The last words of each."""
        return [process.communicate(timeout=60)[0].strip() for process in processes]

    def recover(self) -> PaymentView | None:
        """Much later the recoverer comes, until nothing is open; the payment, if there is one."""
        for minutes in range(5, 10):
            desk = replace(self.desk, now=_clock_ahead(timedelta(minutes=minutes)))
            if find(desk, self.job.payment_id) is None:
                return None
            resolve(desk, self.job.payment_id, page_is_watched=False)
        return find(self.desk, self.job.payment_id)

    def card(self) -> str:
        """A PaymentMethod, made as the browser makes it."""
        fields = {
            "type": "card",
            "card[number]": VISA,
            "card[exp_month]": "12",
            "card[exp_year]": "2030",
            "card[cvc]": "123",
        }
        request = urllib.request.Request(
            f"{self.stripe.url}/v1/payment_methods",
            data=urlencode(fields).encode(),
            headers={"Authorization": f"Bearer {PUBLISHABLE_KEY}"},
        )
        with urllib.request.urlopen(request, timeout=10) as reply:
            return str(json.load(reply)["id"])

    def intents(self) -> list[str]:
        """The status of each PaymentIntent at Stripe."""
        return [str(made["status"]) for made in self.stripe.intents(self.job.order_reference)]


def _clock_ahead(by: timedelta) -> Callable[[], datetime]:
    return lambda: datetime.now(UTC) + by


@pytest.fixture(scope="module")
def stripe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StripeServer]:
    """A Stripe for all of them."""
    with servers.stripe_server(tmp_path_factory.mktemp("stripe")) as server:
        yield server


@pytest.fixture(scope="module")
def template(cluster: Cluster) -> str:
    """A migrated database on PostgreSQL: SQLite is for one process."""
    return PostgresqlDatabases(cluster).template()


@pytest.fixture
def office(cluster: Cluster, template: str, stripe: StripeServer) -> Iterator[Office]:
    """A new database, and an order of its own."""
    account_id = StripeGateway(SECRET_KEY, api_base=stripe.url).retrieve_account().account_id
    with ExitStack() as stack:
        url = stack.enter_context(PostgresqlDatabases(cluster).copy(template))
        job = Job(
            url,
            stripe.url,
            account_id,
            step="",
            payment_id=str(uuid4()),
            order_reference=f"SO-{uuid4().hex[:8]}",
        )
        desk = desk_of(job)
        stack.callback(desk.store.close)
        add_products(desk.store, datetime.now(UTC))
        made = Office(job, desk, stripe)
        yield made
        for process in made.running:
            process.kill()
            process.communicate()

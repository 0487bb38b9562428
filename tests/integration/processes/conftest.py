"""Processes of their own around one PostgreSQL and one Stripe."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from cardpay.gateway.stripe_gateway import StripeGateway
from cardpay.reporting.operations.open_operations import open_operations
from cardpay.services.desk import Desk
from cardpay.services.recovery.recovery_task import recover_all
from cardpay.services.recovery.review import retry_operation
from cardpay.services.taking.create_payment import create_payment
from cardpay.services.taking.payment_view import PaymentView, find
from tests.integration.processes import payment_step
from tests.integration.processes.payment_step import HALTED, Halt, Job, Step, desk_of
from tests.support.databases import migrated_sqlite
from tests.support.databases.databases import PostgresqlDatabases
from tests.support.desks.worlds import AGENT, SUPERVISOR, VISA, add_products, draft
from tests.support.processes import forked_processes
from tests.support.processes.forked_processes import Running
from tests.support.processes.servers import SECRET_KEY, StripeServer, browser_makes_card


@dataclass
class Processes:
    """Several processes on one database; the test itself looks on and recovers."""

    job: Job
    desk: Desk
    stripe: StripeServer
    running: list[Running] = field(default_factory=list)

    def start(self, step: Step, *, halt: Halt = "") -> Running:
        """Let a new process carry out one step."""
        card = self.card() if step == "confirm" else ""
        job = replace(self.job, step=step, halt=halt, payment_method_id=card)
        running = forked_processes.start(payment_step.work, job)
        self.running.append(running)
        return running

    def kill(self, step: Step, halt: Halt) -> None:
        """Let a process carry out a step until it stands still there, and `kill -9` it."""
        running = self.start(step, halt=halt)
        assert running.says() == HALTED
        running.kill()

    def prepare(self, step: Step) -> None:
        """Everything that comes before the step, without a mishap."""
        if step == "create":
            return
        job = self.job
        order = draft(
            payment_id=job.payment_id,
            order_reference=job.order_reference,
            hold=step == "capture",
        )
        create_payment(self.desk, AGENT, order)
        if step in {"capture", "refund", "refunds"}:
            paying = replace(job, step="confirm", payment_method_id=self.card())
            payment_step.carry_out(paying, self.desk)

    def fault(self, kind: str, step: Step) -> None:
        """The step's request goes wrong, the SDK's own repetition included."""
        paths = {"create": "/v1/payment_intents", "refund": "/v1/refunds"}
        self.stripe.post(
            "/_control/faults",
            {
                "kind": kind,
                "method": "POST",
                "path": paths.get(step, f"*/{step}"),
                # A 429 is not repeated by the SDK, and a saved 500 is the answer to all.
                "times": 1 if kind in {"rate_limit", "error_500"} else 2,
                "seconds": payment_step.SECONDS_PER_TRY + 1,
            },
        )

    def recover(self) -> PaymentView | None:
        """Later the recovery task comes, until it can do no more; the payment, if there is one."""
        for minutes in (5, 12, 13):
            recover_all(self._later(minutes), None)
        return find(self.desk, self.job.payment_id)

    def decide(self) -> PaymentView | None:
        """A person has what waits for them tried again."""
        for operation in open_operations(self.desk.store, SUPERVISOR):
            retry_operation(self._later(14), SUPERVISOR, operation.operation_id)
        return find(self.desk, self.job.payment_id)

    def _later(self, minutes: int) -> Desk:
        return replace(self.desk, now=_clock_ahead(timedelta(minutes=minutes)))

    def card(self) -> str:
        """A PaymentMethod, made as the browser makes it."""
        return browser_makes_card(self.stripe.url, VISA)

    def intents(self) -> list[str]:
        """The status of each PaymentIntent at Stripe."""
        return [str(made["status"]) for made in self.stripe.intents(self.job.order_reference)]


def _clock_ahead(by: timedelta) -> Callable[[], datetime]:
    return lambda: datetime.now(UTC) + by


@pytest.fixture
def processes(
    on_postgresql: PostgresqlDatabases,
    migrated_postgresql: str,
    stripe: StripeServer,
) -> Iterator[Processes]:
    """A new database, not on SQLite, which is for one process, and an order of its own."""
    with on_postgresql.copy(migrated_postgresql) as url, _on(url, stripe) as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def processes_on_either(
    request: pytest.FixtureRequest, tmp_path: Path, stripe: StripeServer
) -> Iterator[Processes]:
    """The same on either database: two servers on one SQLite file are not meant, but happen."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = migrated_sqlite.file(tmp_path / "desk.db")
        else:
            on_postgresql = request.getfixturevalue("on_postgresql")
            migrated = request.getfixturevalue("migrated_postgresql")
            url = stack.enter_context(on_postgresql.copy(migrated))
        yield stack.enter_context(_on(url, stripe))


@contextmanager
def _on(url: str, stripe: StripeServer) -> Iterator[Processes]:
    account_id = StripeGateway(SECRET_KEY, api_base=stripe.url).retrieve_account().account_id
    with ExitStack() as stack:
        reference = f"SO-{uuid4().hex[:8]}"
        job = Job(url, stripe.url, account_id, str(uuid4()), reference)
        desk = desk_of(job)
        stack.callback(desk.store.close)
        stack.callback(stripe.delete, "/_control/faults")
        add_products(desk.store, datetime.now(UTC))
        made = Processes(job, desk, stripe)
        yield made
        for running in made.running:
            running.kill()

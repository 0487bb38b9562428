"""Two processes that take payments and two that receive webhooks, and one of each is killed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.gateway.stripe_gateway import StripeGateway
from cardpay.services.desk import Desk
from cardpay.services.recovery.recovery_task import recover_all
from cardpay.services.webhooks.event_worker import CLAIM, process_all_due
from tests.integration.processes.payment_taker import PaymentTaker, cards_of, payment_id
from tests.support.databases.databases import PostgresqlDatabases
from tests.support.desks import desk_matches_stripe
from tests.support.desks.worlds import VISA, add_products
from tests.support.processes import servers
from tests.support.processes.servers import ROOT, SECRET_KEY, WEBHOOK_SECRET, Server, StripeServer
from tests.support.processes.waiting import PATIENCE_SECONDS

PAYMENTS = int(os.environ.get("CARDPAY_TEST_PAYMENTS", "60"))
_PATIENCE_SECONDS = PATIENCE_SECONDS + PAYMENTS
_KILLED_AFTER = PAYMENTS // 6  # payments of one taker: in the middle of its half


@dataclass
class Replicas:
    """Everything on one PostgreSQL and one Stripe."""

    desk: Desk
    stripe: StripeServer
    takers: tuple[PaymentTaker, PaymentTaker]
    receivers: tuple[Server, Server]


@pytest.fixture
def replicas(
    on_postgresql: PostgresqlDatabases, migrated_postgresql: str, tmp_path: Path
) -> Iterator[Replicas]:
    """Two receivers that Stripe delivers each event to, and two takers that have not begun."""
    with ExitStack() as stack:
        url = stack.enter_context(on_postgresql.copy(migrated_postgresql))
        stripe = stack.enter_context(servers.stripe_server(tmp_path))
        account_id = StripeGateway(SECRET_KEY, api_base=stripe.url).retrieve_account().account_id
        takers = tuple(PaymentTaker(url, stripe.url, account_id, n, 2, PAYMENTS) for n in range(2))
        desk = takers[0].desk()
        stack.callback(desk.store.close)
        add_products(desk.store, datetime.now(UTC))
        receivers = []
        for number in range(2):
            folder = tmp_path / f"receiver-{number}"
            folder.mkdir()
            receiver = stack.enter_context(
                servers.receiver(
                    folder, CARDPAY_DATABASE_URL=url, CARDPAY_STRIPE_API_BASE=stripe.url
                )
            )
            address = {"url": f"{receiver.url}/webhooks/stripe", "secret": WEBHOOK_SECRET}
            stripe.post("/_control/endpoints", address)
            receivers.append(receiver)
        yield Replicas(desk, stripe, (takers[0], takers[1]), (receivers[0], receivers[1]))


@pytest.mark.full
def test_one_of_each_is_killed_and_all_ends_right(replicas: Replicas) -> None:
    """Each payment is charged once or not at all, as Stripe says; each event is handled once."""
    with _taking(replicas.takers[0]) as doomed, _taking(replicas.takers[1]) as survivor:
        assert doomed.stdout is not None
        for _ in range(_KILLED_AFTER):
            doomed.stdout.readline()
        doomed.kill()
        replicas.receivers[0].process.kill()
        doomed.wait()
        with _taking(replicas.takers[0]) as again:
            for taker in (again, survivor):
                taker.communicate(timeout=_PATIENCE_SECONDS)
                assert taker.returncode == 0
    _recover(replicas)
    _work_through_events(replicas)
    _check_payments(replicas)
    desk_matches_stripe.check_events(replicas.desk, replicas.stripe)


@contextmanager
def _taking(taker: PaymentTaker) -> Iterator[subprocess.Popen[str]]:
    """A taker at work."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.processes.payment_taker", str(taker)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _recover(replicas: Replicas) -> None:
    """Much later a recovery task comes, until nothing is open."""
    for minutes in range(5, 10):
        recover_all(_later(replicas, timedelta(minutes=minutes)), None)


def _work_through_events(replicas: Replicas) -> None:
    """What the killed receiver was about to apply is due again when its claim has run out."""
    desk_matches_stripe.wait_until_arrived(replicas.desk, replicas.stripe, _PATIENCE_SECONDS)
    process_all_due(_later(replicas, CLAIM))


def _later(replicas: Replicas, by: timedelta) -> Desk:
    """The desk with its clock put forward."""
    return replace(replicas.desk, now=lambda: datetime.now(UTC) + by)


def _check_payments(replicas: Replicas) -> None:
    """Each was charged once if its caller had a good card, but for what the killed one held."""
    rows = desk_matches_stripe.check_payments(replicas.desk, replicas.stripe)
    unpaid = 0
    for number in range(PAYMENTS):
        row = rows.pop(payment_id(number))
        if VISA in cards_of(number):
            unpaid += row.display_status != DisplayStatus.SUCCEEDED
            assert row.display_status in {DisplayStatus.SUCCEEDED, DisplayStatus.NOT_CHARGED}
        else:
            assert row.display_status in {DisplayStatus.DECLINED, DisplayStatus.NOT_CHARGED}
    assert unpaid <= 1
    assert not rows

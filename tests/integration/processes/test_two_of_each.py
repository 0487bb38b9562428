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

from cardpay.domain.payment.status import DisplayStatus
from cardpay.gateway.stripe_gateway import StripeGateway
from cardpay.services.desk import Desk
from cardpay.services.stripe_writes.recovery_task import recover
from cardpay.services.webhooks.event_processing import CLAIM, handle_all_due
from tests.integration.processes.till import Till, cards_of, payment_id
from tests.support.databases.databases import PostgresqlDatabases
from tests.support.desks import agreement
from tests.support.desks.worlds import VISA, add_products
from tests.support.processes import servers
from tests.support.processes.servers import ROOT, SECRET_KEY, WEBHOOK_SECRET, Server, StripeServer

PAYMENTS = int(os.environ.get("CARDPAY_TEST_PAYMENTS", "60"))
_PATIENCE_SECONDS = 60 + PAYMENTS
_KILLED_AFTER = PAYMENTS // 6  # payments of one till: in the middle of its half


@dataclass
class Shop:
    """Everything on one PostgreSQL and one Stripe."""

    desk: Desk
    stripe: StripeServer
    tills: tuple[Till, Till]
    receivers: tuple[Server, Server]


@pytest.fixture
def shop(
    on_postgresql: PostgresqlDatabases, migrated_postgresql: str, tmp_path: Path
) -> Iterator[Shop]:
    """Two receivers that Stripe delivers each event to, and two tills that have not begun."""
    with ExitStack() as stack:
        url = stack.enter_context(on_postgresql.copy(migrated_postgresql))
        stripe = stack.enter_context(servers.stripe_server(tmp_path))
        account_id = StripeGateway(SECRET_KEY, api_base=stripe.url).retrieve_account().account_id
        tills = tuple(Till(url, stripe.url, account_id, n, 2, PAYMENTS) for n in range(2))
        desk = tills[0].desk()
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
        yield Shop(desk, stripe, (tills[0], tills[1]), (receivers[0], receivers[1]))


def test_one_of_each_is_killed_and_all_ends_right(shop: Shop) -> None:
    """Each payment is charged once or not at all, as Stripe says; each event is handled once."""
    with _taking(shop.tills[0]) as doomed, _taking(shop.tills[1]) as survivor:
        assert doomed.stdout is not None
        for _ in range(_KILLED_AFTER):
            doomed.stdout.readline()
        doomed.kill()
        shop.receivers[0].process.kill()
        doomed.wait()
        with _taking(shop.tills[0]) as again:
            for till in (again, survivor):
                till.communicate(timeout=_PATIENCE_SECONDS)
                assert till.returncode == 0
    _recover(shop)
    _work_through_events(shop)
    _check_payments(shop)
    agreement.check_events(shop.desk, shop.stripe)


@contextmanager
def _taking(till: Till) -> Iterator[subprocess.Popen[str]]:
    """A till at work."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.processes.till", str(till)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _recover(shop: Shop) -> None:
    """Much later a recoverer comes, until nothing is open."""
    for minutes in range(5, 10):
        recover(_later(shop, timedelta(minutes=minutes)), None)


def _work_through_events(shop: Shop) -> None:
    """What the killed receiver was about to apply is due again when its claim has run out."""
    agreement.wait_until_arrived(shop.desk, shop.stripe, _PATIENCE_SECONDS)
    handle_all_due(_later(shop, CLAIM))


def _later(shop: Shop, by: timedelta) -> Desk:
    """The desk with its clock put forward."""
    return replace(shop.desk, now=lambda: datetime.now(UTC) + by)


def _check_payments(shop: Shop) -> None:
    """Each was charged once if its caller had a good card, but for what the killed one held."""
    rows = agreement.check_payments(shop.desk, shop.stripe)
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

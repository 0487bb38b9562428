"""Two apps and two receivers on one PostgreSQL; one of each is killed in the middle of a day."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.stripe_account import Mode, StripeAccount
from cardpay.gateway.stripe_gateway import StripeGateway
from cardpay.services.desk import Desk
from cardpay.services.recovery.recovery_task import recover_all
from cardpay.services.webhooks.event_worker import CLAIM, process_all_due
from cardpay.storage.database.engine import Store, connect
from tests.support.databases import postgresql
from tests.support.databases.databases import PostgresqlDatabases
from tests.support.desks import desk_matches_stripe
from tests.support.desks.worlds import AUDIT_KEYS
from tests.support.processes import servers
from tests.support.processes.servers import SECRET_KEY, WEBHOOK_SECRET, Server, StripeServer
from tests.support.processes.waiting import PATIENCE_SECONDS
from tests.support.screens.take_payment_screen import TakePayment

# Without a browser, tests/integration/processes/test_two_of_each.py does the same before a merge.
pytestmark = pytest.mark.full

# In the browser, one after the other at each app in turn.
PAYMENTS = int(os.environ.get("CARDPAY_TEST_BROWSER_PAYMENTS", "16"))
_KILLED_AT = PAYMENTS // 2
_PATIENCE_SECONDS = PATIENCE_SECONDS
# Whoever waited for the payment has gone: its operation is resolved without a page.
_LATER = timedelta(minutes=10)
# Stripe charges the card, and the app dies before the answer.
_ON_ITS_WAY = {"kind": "timeout_after", "path": "*/confirm", "seconds": 30}


@dataclass
class Replicas:
    """Everything on one PostgreSQL and one Stripe."""

    desk: Desk
    stripe: StripeServer
    settings: dict[str, str]
    apps: list[Server]
    receivers: list[Server]


@pytest.fixture
def replicas(tmp_path: Path) -> Iterator[Replicas]:
    """Two apps, and two receivers that Stripe delivers each event to."""
    with ExitStack() as stack:
        databases = PostgresqlDatabases(stack.enter_context(postgresql.cluster()))
        url = stack.enter_context(databases.copy(databases.template()))
        stripe = stack.enter_context(servers.stripe_server(tmp_path))
        settings = {
            **servers.with_keys(),
            "CARDPAY_DATABASE_URL": url,
            "CARDPAY_STRIPE_API_BASE": stripe.url,
        }
        apps, receivers = [], []
        for number in range(2):
            folder = tmp_path / f"{number}"
            folder.mkdir()
            apps.append(stack.enter_context(servers.app(folder, None, **settings)))
            receivers.append(stack.enter_context(servers.receiver(folder, 1, **settings)))
            address = {"url": f"{receivers[-1].url}/webhooks/stripe", "secret": WEBHOOK_SECRET}
            stripe.post("/_control/endpoints", address)
        gateway = StripeGateway(SECRET_KEY, api_base=stripe.url)
        books = StripeAccount(Mode.TEST, gateway.retrieve_account().account_id, livemode=False)
        desk = Desk(Store(connect(url), AUDIT_KEYS), gateway, books, moto=False)
        stack.callback(desk.store.close)
        yield Replicas(desk, stripe, settings, apps, receivers)


def test_one_of_each_is_killed_and_all_ends_right(
    browser: Browser, replicas: Replicas, tmp_path: Path
) -> None:
    """People go on at the other app; what the killed one was about to charge ends as at Stripe."""
    with ExitStack() as stack:
        screens = [TakePayment(browser.new_page(), app.url).open() for app in replicas.apps]
        for number in range(PAYMENTS):
            screen = screens[number % 2]
            screen.fill_order()
            if number == _KILLED_AT:
                replicas.stripe.post("/_control/faults", _ON_ITS_WAY)
                screen.pay()
                replicas.stripe.wait_until_faults_are_used()
                for doomed in (replicas.apps[number % 2], replicas.receivers[number % 2]):
                    doomed.process.send_signal(signal.SIGKILL)
                    doomed.process.wait()
                port = int(screen.url.rpartition(":")[2])
                again = servers.app(tmp_path / str(number % 2), port, **replicas.settings)
                stack.enter_context(again)
                screen.open()
                continue
            screen.pay()
            screen.expect_status("Succeeded")
            screen.new_payment()
        later = replace(replicas.desk, now=lambda: datetime.now(UTC) + _LATER)
        recover_all(later, None)
        desk_matches_stripe.wait_until_arrived(
            replicas.desk, replicas.stripe, _PATIENCE_SECONDS + PAYMENTS
        )
        process_all_due(replace(replicas.desk, now=lambda: datetime.now(UTC) + CLAIM))
    rows = desk_matches_stripe.check_payments(replicas.desk, replicas.stripe)
    desk_matches_stripe.check_events(replicas.desk, replicas.stripe)
    assert len(rows) == PAYMENTS
    ends = [row.display_status for row in rows.values()]
    assert ends.count(DisplayStatus.SUCCEEDED) >= PAYMENTS - 1
    assert set(ends) <= {DisplayStatus.SUCCEEDED, DisplayStatus.NOT_CHARGED}

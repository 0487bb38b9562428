"""Books with a made-up past of some hundred payments, in which everything happens."""

from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from cardpay.demo.bulk_past.write_past import write_past
from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Role
from cardpay.domain.stripe_account import Mode, StripeAccount
from cardpay.storage.database.engine import Store, connect
from tests.support.databases.databases import Databases

ZONE = ZoneInfo("Europe/London")
LAST_DAY = date(2026, 3, 31)
ANALYST = Actor("analyst-1", frozenset({Role.ANALYST}), "test")


@pytest.fixture(scope="module")
def past(databases: Databases, migrated: str) -> Iterator[Store]:
    """For tests that add nothing."""
    with databases.copy(migrated) as url:
        store = Store(connect(url))
        account = StripeAccount(Mode.TEST, "acct_1", livemode=False)
        write_past(store, account, 900, 5, (LAST_DAY, ZONE), lambda _share, _words: None)
        yield store
        store.close()

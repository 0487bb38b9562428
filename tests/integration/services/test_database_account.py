"""A database belongs to one account and mode."""

from concurrent.futures import ThreadPoolExecutor

from sqlmodel import select

from cardpay.domain.stripe_account import Mode, StripeAccount
from cardpay.services import database_account
from cardpay.storage.database.engine import Store, connect
from cardpay.storage.schema.tables import Desk
from tests.support.desks.worlds import AUDIT_KEYS


def test_processes_that_start_at_once_claim_it_once(database_url: str) -> None:
    """A new database that several processes open together refuses none of them."""
    ours = StripeAccount(Mode.TEST, "acct_1", livemode=False)
    store = Store(connect(database_url), AUDIT_KEYS)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: database_account.claim(store, ours), range(6)))
    with store.reading() as session:
        assert len(session.exec(select(Desk)).all()) == 1
    assert database_account.recorded(store) == ours
    store.close()

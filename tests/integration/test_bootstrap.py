"""Starting: whose books a database holds, and what a first start finds."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import col, func, select
from starlette.routing import Mount

from cardpay import bootstrap
from cardpay.bootstrap import SANDBOX_MOUNT, Application
from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.errors import StartRefused
from cardpay.domain.stripe_account import Mode, StripeAccount
from cardpay.gateway.stripe_gateway import NewPaymentIntent
from cardpay.services import database_account
from cardpay.services.audit.record_act import record
from cardpay.services.audit.verify_chain import verify
from cardpay.services.audit.write_heads import write_head
from cardpay.settings import load
from cardpay.settings.audit import audit_keys
from cardpay.storage.audit.heads_file import HeadsFile
from cardpay.storage.database import migrate
from cardpay.storage.database.engine import Store, connect
from cardpay.storage.schema.tables import Payment
from cardpay.web.routes import routes
from tests.support.desks.worlds import AUDIT_KEYS
from tests.support.processes.waiting import wait_for

pytestmark = pytest.mark.usefixtures("no_environment")


@contextmanager
def started(folder: Path) -> Iterator[Application]:
    """The demo with its files in `folder`."""
    running = bootstrap.build(
        load(CARDPAY_DATABASE_URL=f"sqlite:///{folder / 'demo.db'}", CARDPAY_DEMO_MONTHS=0)
    )
    try:
        yield running
    finally:
        running.close()


def _payments(running: Application) -> int:
    with running.desk.store.reading() as session:
        return session.exec(select(func.count()).select_from(Payment)).one()


def _mounted(running: Application) -> list[str]:
    return [route.path for route in routes(lambda: running) if isinstance(route, Mount)]


def test_every_entry_of_the_demo_is_chained(tmp_path: Path) -> None:
    """Those of its past, and those of acts since."""
    with started(tmp_path) as running:
        store = running.desk.store
        with store.transaction() as session:
            record(session, SYSTEM, "test", ("payment", "1"), at=running.desk.now())
        heads = HeadsFile(running.settings.heads_path)
        write_head(store, heads, running.desk.now)
        found = verify(store, audit_keys(running.settings), heads.lines(), running.desk.now())
        assert found.entries > 50
        assert found.problems == ()


def test_the_simulated_stripe_is_reached_in_the_demo_alone(tmp_path: Path) -> None:
    """With keys there is no such address."""
    with started(tmp_path) as running:
        assert _mounted(running) == [SANDBOX_MOUNT]
        assert _mounted(replace(running, sandbox=None)) == []


def test_the_demo_receives_its_events(tmp_path: Path) -> None:
    """A payment that somebody makes at the sandbox arrives by itself."""
    with started(tmp_path) as running:
        assert running.sandbox is not None
        running.start_background()
        before = _payments(running)
        new = NewPaymentIntent(4_200, "gbp", "An order", metadata={})
        made = running.desk.gateway.create_payment_intent(new, "key-1")
        wait_for(lambda: _payments(running) > before, "no event arrived")
        with running.desk.store.reading() as session:
            arrived = session.exec(select(Payment).where(~col(Payment.taken_at_desk))).one()
        assert arrived.stripe_payment_intent_id == made.payment_intent_id


def test_a_restarted_demo_still_knows_its_payments(tmp_path: Path) -> None:
    """The past is made once."""
    with started(tmp_path) as running:
        account_id = running.desk.account.stripe_account_id
        made = _payments(running)
    with started(tmp_path) as again:
        assert again.desk.account.stripe_account_id == account_id
        assert _payments(again) == made


def test_a_seeding_that_was_cut_off_starts_over(tmp_path: Path) -> None:
    """Without its last row the database counts as new, and nothing is there twice."""
    with started(tmp_path) as running, running.desk.store.transaction() as session:
        session.connection().exec_driver_sql("DELETE FROM desk")
    with started(tmp_path) as again, again.desk.store.reading() as session:
        references = session.exec(select(Payment.order_reference)).all()
    assert len(references) == len(set(references)) > 30


@pytest.mark.parametrize(
    ("other", "problem"),
    [
        (
            StripeAccount(Mode.TEST, "acct_1", livemode=False),
            "names a database with test payments, but the desk is in demo mode",
        ),
        (
            StripeAccount(Mode.DEMO, "acct_other", livemode=False),
            "names a database of the Stripe account acct_other, but the key belongs to acct_",
        ),
    ],
    ids=["mode", "account"],
)
def test_another_modes_or_accounts_database_is_refused(
    tmp_path: Path, other: StripeAccount, problem: str
) -> None:
    """The sentence names the setting to change."""
    engine = connect(f"sqlite:///{tmp_path / 'demo.db'}")
    migrate.upgrade(engine)
    database_account.claim(Store(engine, AUDIT_KEYS), other)
    engine.dispose()
    with pytest.raises(StartRefused) as refused, started(tmp_path):
        pass
    assert refused.value.sentence.startswith(f"CARDPAY_DATABASE_URL {problem}")


def test_a_database_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    """A sentence, and no traceback."""
    (tmp_path / "demo.db").write_text("this is no database, whatever its name says" * 50)
    with pytest.raises(StartRefused, match="CARDPAY_DATABASE_URL names a database that cannot"):
        bootstrap.build(load(CARDPAY_DATABASE_URL=f"sqlite:///{tmp_path / 'demo.db'}"))

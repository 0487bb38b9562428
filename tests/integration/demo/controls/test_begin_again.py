"""Beginning again while the demo runs."""

from pathlib import Path

import pytest
from sqlmodel import func, select

from cardpay import bootstrap
from cardpay.demo.controls.begin_again import begin_again
from cardpay.demo.controls.made_on_request import make_payments
from cardpay.demo.controls.stripe_behaviour import Answering, answering, set_answering
from cardpay.services.audit.verify_chain import verify
from cardpay.services.audit.write_heads import HeadWriter
from cardpay.settings import load
from cardpay.settings.audit import audit_keys
from cardpay.storage.audit.heads_file import HeadsFile
from cardpay.storage.schema.tables import Payment
from tests.support.processes.waiting import wait_for

pytestmark = pytest.mark.usefixtures("no_environment")


def test_the_demo_begins_again_while_its_past_is_made(tmp_path: Path) -> None:
    """It has its first payments, then its past; its Stripe is itself, its audit log whole."""
    running = bootstrap.build(
        load(CARDPAY_DATABASE_URL=f"sqlite:///{tmp_path / 'demo.db'}", CARDPAY_DEMO_MONTHS=1)
    )
    assert running.sandbox is not None
    assert running.older_past is not None
    desk, sandbox, past = running.desk, running.sandbox, running.older_past
    heads = HeadsFile(running.settings.heads_path)
    try:
        past.task.start()
        wait_for(lambda: past.progress is not None, "the past was not begun")
        make_payments(desk, sandbox)
        writer = HeadWriter(desk.store, heads, desk.now)
        writer.write()
        set_answering(sandbox, Answering.DOWN_BEFORE)
        begin_again(desk, sandbox, past, 1, heads.path)
        writer.write()  # which knows the log before, and that it was longer
        found = verify(desk.store, audit_keys(running.settings), heads.lines(), desk.now())
        assert found.problems == ()
        assert answering(sandbox) is Answering.NORMAL
        with desk.store.reading() as session:
            numbers = session.exec(select(Payment.order_reference)).all()
        assert numbers
        assert max(numbers) < "FH-20001"
        wait_for(lambda: sandbox.past().noted("past.done") == "yes", "the past was not made")
        with desk.store.reading() as session:
            made = session.exec(select(func.count()).select_from(Payment)).one()
        assert made > 2 * len(numbers)
        writer.write()
        found = verify(desk.store, audit_keys(running.settings), heads.lines(), desk.now())
        assert found.problems == ()
    finally:
        running.close()

"""What happens at a visitor's wish happens at the simulated Stripe, and the desk learns of it."""

from datetime import timedelta

from sqlmodel import col, select

from cardpay.bootstrap import Application
from cardpay.demo.controls.made_on_request import (
    PROCESSING_SECONDS,
    make_dispute,
    make_hold,
    make_payments,
    make_processing,
)
from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.sandbox import Sandbox
from cardpay.services.history.begin_reconciliation import reconcile
from cardpay.services.webhooks.event_worker import process_all_due
from cardpay.storage.schema.tables import Dispute, Payment

LAST_OF_THE_PAST = "FH-20000"


def newest(running: Application, count: int = 1) -> list[Payment]:
    """The payments that were made last at a wish; the past may have one of this minute, too."""
    with running.desk.store.reading() as session:
        asked = (
            select(Payment)
            .where(col(Payment.order_reference) > LAST_OF_THE_PAST)
            .order_by(col(Payment.created_at).desc())
            .limit(count)
        )
        return list(session.exec(asked))


def agrees(running: Application) -> bool:
    """Whether reconciliation finds no difference."""
    since = running.desk.now() - timedelta(days=20)
    return reconcile(running.desk, SYSTEM, since=since).differences == 0


def test_twenty_payments_are_taken(running: Application, sandbox: Sandbox) -> None:
    """By colleagues, in the last minutes; again twenty others."""
    make_payments(running.desk, sandbox)
    make_payments(running.desk, sandbox)
    made = newest(running, 40)
    assert len({payment.order_reference for payment in made}) == 40
    assert running.desk.now() - made[-1].created_at < timedelta(hours=1)
    assert all(payment.taken_by.startswith("demo-") for payment in made)
    assert agrees(running)


def test_a_hold_is_made(running: Application, sandbox: Sandbox) -> None:
    """To be captured at the desk."""
    make_hold(running.desk, sandbox)
    (payment,) = newest(running)
    assert payment.display_status == DisplayStatus.AUTHORISED
    assert payment.amount_capturable_minor == payment.amount_minor
    assert agrees(running)


def test_a_processing_payment_succeeds_by_itself(running: Application, sandbox: Sandbox) -> None:
    """The bank answers later, and Stripe's webhook brings it."""
    make_processing(running.desk, sandbox)
    (payment,) = newest(running)
    assert payment.display_status == DisplayStatus.PROCESSING
    assert payment.card_last4 == "0000"
    sandbox.clock.advance(timedelta(seconds=PROCESSING_SECONDS + 10))
    sandbox.webhooks.drain()
    sandbox.clock.release()
    process_all_due(running.desk)
    with running.desk.store.reading() as session:
        later = session.get_one(Payment, payment.id)
        assert later.display_status == DisplayStatus.SUCCEEDED
    assert agrees(running)


def test_a_dispute_is_made_of_the_newest_payment(running: Application, sandbox: Sandbox) -> None:
    """Another one each time; at some hours it is one of the past's, which has disputes, too."""
    make_payments(running.desk, sandbox)
    before = _disputed(running, sandbox)
    first, second = make_dispute(running.desk, sandbox), make_dispute(running.desk, sandbox)
    made = _disputed(running, sandbox) - before
    assert {words.split(" ")[0] for words in (first, second)} == made
    assert len(made) == 2


def _disputed(running: Application, sandbox: Sandbox) -> set[str]:
    """The orders that the desk knows to be disputed, once it has been told all."""
    sandbox.webhooks.drain()
    process_all_due(running.desk)
    with running.desk.store.reading() as session:
        disputed = select(Payment.order_reference).join(
            Dispute, col(Dispute.payment_id) == col(Payment.id)
        )
        return set(session.exec(disputed))

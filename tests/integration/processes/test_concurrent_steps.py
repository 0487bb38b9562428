"""Several processes, and one payment."""

from cardpay.storage.payments import refunds
from cardpay.storage.schema.tables import Payment
from tests.integration.processes.conftest import Processes
from tests.integration.processes.payment_step import DONE, PART_MINOR


def test_the_order_can_be_paid_after_each_kill_of_its_create(processes: Processes) -> None:
    """The caller is still on the line: the next process simply takes the order."""
    processes.kill("create", "before commit")
    assert processes.start("create").says() == DONE
    assert processes.start("confirm").says() == DONE
    assert processes.intents() == ["succeeded"]


def test_processes_that_press_at_once_charge_once(processes: Processes) -> None:
    """Four tabs on four servers: one PaymentIntent, one charge."""
    creating = [processes.start("create") for _ in range(4)]
    assert {running.says() for running in creating} == {DONE}
    confirming = [processes.start("confirm") for _ in range(4)]
    paid = [running.says() for running in confirming]
    assert paid.count(DONE) == 1
    assert set(paid) <= {DONE, "PaymentBusy", "WrongState"}
    assert processes.intents() == ["succeeded"]
    assert len(processes.stripe.charges(processes.job.order_reference)) == 1


def test_processes_that_give_back_at_once_never_give_too_much(processes: Processes) -> None:
    """Each that says so has given its part, and no part was given by another."""
    processes.prepare("refund")
    refunding = [processes.start("refund") for _ in range(4)]
    said = [running.says() for running in refunding]
    assert 1 <= said.count(DONE) <= 2  # twice 5,000 of 12,000
    assert set(said) <= {DONE, "PaymentBusy", "InvalidInput"}
    (charge,) = processes.stripe.charges(processes.job.order_reference)
    assert charge["amount_refunded"] == said.count(DONE) * PART_MINOR


def test_fifty_refunds_at_once_never_give_too_much(processes_on_either: Processes) -> None:
    """Ten people in each of five processes: what was captured is the most that goes back.

    The others are told that the payment is busy, or that too little is left: Stripe, which would
    refuse too much as well, is never asked for it.
    """
    processes = processes_on_either
    processes.prepare("refunds")
    processes.stripe.delete("/_control/requests")
    refunding = [processes.start("refunds") for _ in range(5)]
    assert {running.says() for running in refunding} == {DONE}
    (charge,) = processes.stripe.charges(processes.job.order_reference)
    with processes.desk.store.reading() as session:
        rows = refunds.of_payment(session, processes.job.payment_id)
        asked = [row.amount_minor for row in rows]
        payment = session.get_one(Payment, processes.job.payment_id)
        assert payment.amount_refunded_minor == sum(asked)
    assert charge["amount_refunded"] == sum(asked) <= charge["amount_captured"]
    made = [one["path"] for one in processes.stripe.get("/_control/requests")]
    assert 1 <= made.count("/v1/refunds") == len(asked) <= 2  # twice 5,000 of 12,000

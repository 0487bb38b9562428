"""Several processes, and one payment."""

from tests.integration.processes.conftest import Office
from tests.integration.processes.worker import DONE, PART_MINOR


def test_the_order_can_be_paid_after_each_kill_of_its_create(office: Office) -> None:
    """The caller is still on the line: the next process simply takes the order."""
    office.kill("create", "before commit")
    assert office.start("create").says() == DONE
    assert office.start("confirm").says() == DONE
    assert office.intents() == ["succeeded"]


def test_processes_that_press_at_once_charge_once(office: Office) -> None:
    """Four tabs on four servers: one PaymentIntent, one charge."""
    creating = [office.start("create") for _ in range(4)]
    assert {running.says() for running in creating} == {DONE}
    confirming = [office.start("confirm") for _ in range(4)]
    paid = [running.says() for running in confirming]
    assert paid.count(DONE) == 1
    assert set(paid) <= {DONE, "PaymentBusy", "WrongState"}
    assert office.intents() == ["succeeded"]
    assert len(office.stripe.charges(office.job.order_reference)) == 1


def test_processes_that_give_back_at_once_never_give_too_much(office: Office) -> None:
    """Each that says so has given its part, and no part was given by another."""
    office.prepare("refund")
    refunding = [office.start("refund") for _ in range(4)]
    said = [running.says() for running in refunding]
    assert 1 <= said.count(DONE) <= 2  # twice 5,000 of 12,000
    assert set(said) <= {DONE, "PaymentBusy", "InvalidInput"}
    (charge,) = office.stripe.charges(office.job.order_reference)
    assert charge["amount_refunded"] == said.count(DONE) * PART_MINOR

"""Several processes, and one payment."""

from tests.integration.processes.conftest import Office
from tests.integration.processes.worker import DONE


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

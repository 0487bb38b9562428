"""A process that is killed at the worst moment loses nothing and charges nothing twice."""

import pytest

from cardpay.domain.payment import DisplayStatus
from tests.integration.processes.conftest import Office
from tests.integration.processes.worker import DONE, Halt

CELLS: list[tuple[str, Halt, DisplayStatus | None, list[str]]] = [
    ("create", "before commit", None, []),
    ("create", "after commit", DisplayStatus.NOT_CHARGED, []),
    ("create", "after call", DisplayStatus.NOT_CHARGED, ["canceled"]),
    ("confirm", "before commit", DisplayStatus.AWAITING_CARD, ["requires_payment_method"]),
    ("confirm", "after commit", DisplayStatus.NOT_CHARGED, ["canceled"]),
    ("confirm", "after call", DisplayStatus.SUCCEEDED, ["succeeded"]),
    ("cancel", "before commit", DisplayStatus.AWAITING_CARD, ["requires_payment_method"]),
    ("cancel", "after commit", DisplayStatus.CANCELLED, ["canceled"]),
    ("cancel", "after call", DisplayStatus.CANCELLED, ["canceled"]),
]


@pytest.mark.parametrize(
    ("step", "halt", "shown", "at_stripe"),
    [pytest.param(*cell, id=f"{cell[0]}, {cell[1]}") for cell in CELLS],
)
def test_kill_9_in_the_middle_of_a_step(
    office: Office, step: str, halt: Halt, shown: DisplayStatus | None, at_stripe: list[str]
) -> None:
    """What was never committed never was; the rest is resolved by asking Stripe."""
    if step != "create":
        assert office.finish(office.start("create")) == [DONE]
    office.kill(step, halt, card=office.card() if step == "confirm" else "")
    seen = office.recover()
    assert (seen.display if seen else None) is shown
    assert office.intents() == at_stripe
    assert seen is None or seen.open_operation is None
    charges = office.stripe.charges(office.job.order_reference)
    assert len(charges) == int(shown is DisplayStatus.SUCCEEDED)


def test_the_order_can_be_paid_after_each_kill_of_its_create(office: Office) -> None:
    """The caller is still on the line: the next process simply takes the order."""
    office.kill("create", "before commit")
    assert office.finish(office.start("create")) == [DONE]
    assert office.finish(office.start("confirm", card=office.card())) == [DONE]
    assert office.intents() == ["succeeded"]


def test_processes_that_press_at_once_charge_once(office: Office) -> None:
    """Four tabs on four servers: one PaymentIntent, one charge."""
    created = office.finish(*(office.start("create") for _ in range(4)))
    assert set(created) == {DONE}
    paid = office.finish(*(office.start("confirm", card=office.card()) for _ in range(4)))
    assert paid.count(DONE) == 1
    assert set(paid) <= {DONE, "PaymentBusy", "WrongState"}
    assert office.intents() == ["succeeded"]
    assert len(office.stripe.charges(office.job.order_reference)) == 1

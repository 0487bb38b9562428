"""Creating a payment: what is sent to Stripe, at which price, and only once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from cardpay.domain.errors import (
    CardpayError,
    NotAllowed,
)
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.services.taking.create_payment import create_payment
from tests.support.desks.worlds import AGENT, ANALYST, World, draft

pytestmark = pytest.mark.one_database


def test_metadata_says_what_was_sold_and_by_whom(world: World) -> None:
    """Stripe's record alone is enough to find the payment again."""
    payment = world.created(quantity=3, order_reference="SO-77")
    (intent,) = world.intents()
    assert intent["amount"] == 36_000
    assert intent["metadata"] == {
        "payment_id": payment.payment_id,
        "product_id": "consultation",
        "product_name": "Consultation",
        "unit_amount": "12000",
        "quantity": "3",
        "order_reference": "SO-77",
        "taken_by": "agent-1",
    }


def test_ten_presses_at_once_make_one_payment_intent(world: World) -> None:
    """The database decides, not the button."""
    order = draft()

    def press(_: int) -> str:
        try:
            return create_payment(world.desk, AGENT, order).payment_id
        except CardpayError as error:
            return type(error).__name__

    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(press, range(10))) == {order.payment_id}
    assert len(world.intents()) == 1


@pytest.mark.parametrize(
    ("product_id", "quantity", "amount", "currency"),
    [
        ("consultation", 2, 24_000, "gbp"),
        ("seat", 3, 54_000, "jpy"),
        ("inspection", 1, 45_500, "kwd"),
    ],
)
def test_the_server_computes_the_amount(
    world: World, product_id: str, quantity: int, amount: int, currency: str
) -> None:
    """Quantity and catalogue alone make the price, in the currency's minor unit."""
    payment = world.created(product_id=product_id, quantity=quantity)
    assert world.pay(payment).payment.display is DisplayStatus.SUCCEEDED
    (charge,) = world.successful_charges()
    assert (charge["amount"], charge["currency"]) == (amount, currency)


def test_an_analyst_takes_no_payment(world: World) -> None:
    """The use case itself refuses, whatever the screen shows."""
    with pytest.raises(NotAllowed):
        create_payment(world.desk, ANALYST, draft())
    with pytest.raises(NotAllowed):
        world.pay(world.created(), actor=ANALYST)

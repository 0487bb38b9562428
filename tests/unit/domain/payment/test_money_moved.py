"""What is said about money when a step of a payment fails."""

import pytest

from cardpay.domain.errors import MoneyMoved
from cardpay.domain.payment.display_status import DisplayStatus, WrongState
from cardpay.domain.payment.status import PaymentStatus, money_moved
from cardpay.services.stripe_writes.operation_lifecycle import wrong_state_error
from cardpay.storage.schema.tables import Payment

_S = PaymentStatus

BY_STATUS = [
    pytest.param(None, MoneyMoved.NO, id="never made"),
    pytest.param(_S.REQUIRES_PAYMENT_METHOD, MoneyMoved.NO, id="no card"),
    pytest.param(_S.REQUIRES_CONFIRMATION, MoneyMoved.NO, id="a card, not tried"),
    pytest.param(_S.REQUIRES_ACTION, MoneyMoved.NO, id="a challenge"),
    pytest.param(_S.REQUIRES_CAPTURE, MoneyMoved.NO, id="a hold"),
    pytest.param(_S.CANCELED, MoneyMoved.NO, id="cancelled"),
    pytest.param(_S.PROCESSING, MoneyMoved.UNKNOWN, id="the bank has not decided"),
    pytest.param(_S.SUCCEEDED, MoneyMoved.YES, id="taken"),
]


@pytest.mark.parametrize(("status", "money"), BY_STATUS)
def test_money_follows_the_status(status: PaymentStatus | None, money: MoneyMoved) -> None:
    """Only a status in which none can have moved is said to have moved none."""
    assert money_moved(status) is money


@pytest.mark.parametrize(("status", "money"), BY_STATUS)
def test_a_step_in_the_wrong_state_says_it_too(
    status: PaymentStatus | None, money: MoneyMoved
) -> None:
    """While the bank has not decided, nobody is told that no money has moved."""
    payment = Payment(
        id="payment-1",
        stripe_account_id="acct_1",
        livemode=False,
        status=status,
        display_status=DisplayStatus.PROCESSING,
        currency="gbp",
        product_name="Consultation",
        order_reference="SO-1",
        search_reference="SO-1",
        taken_by="agent-1",
    )
    assert wrong_state_error(payment, "cancelled").money is money


@pytest.mark.parametrize("display", DisplayStatus)
def test_every_status_has_its_reason(display: DisplayStatus) -> None:
    """The sentence says what the payment is and what can't be done, and money is not added."""
    sentence = WrongState("captured", display, MoneyMoved.UNKNOWN).sentence
    assert sentence.endswith(", so it can't be captured.")
    assert MoneyMoved.UNKNOWN not in sentence

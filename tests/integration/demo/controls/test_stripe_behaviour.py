"""How Stripe behaves is what a visitor has chosen, until another choice."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from cardpay.bootstrap import Application
from cardpay.demo.controls.stripe_behaviour import (
    Answering,
    Delivering,
    answering,
    delivering,
    set_answering,
    set_delivering,
)
from cardpay.domain.payment.status import PaymentStatus
from cardpay.gateway.errors import CardDeclined, OutcomeUnknown
from cardpay.gateway.stripe_gateway import NewPaymentIntent
from cardpay.sandbox import Sandbox

ORDER = NewPaymentIntent(4_200, "gbp", "An order", metadata={"payment_id": "demo"})


@pytest.fixture(autouse=True)
def _normal_again(sandbox: Sandbox) -> Iterator[None]:
    yield
    set_answering(sandbox, Answering.NORMAL)
    set_delivering(sandbox, Delivering.ON_TIME)


def intents(running: Application) -> int:
    """How many PaymentIntents Stripe has."""
    return len(list(running.desk.gateway.list_payment_intents(
        running.desk.now().replace(year=2000), running.desk.now()
    )))  # fmt: skip


@pytest.mark.parametrize("wanted", Answering)
def test_a_choice_holds_until_the_next(sandbox: Sandbox, wanted: Answering) -> None:
    """Of the requests and of the webhooks, each by itself."""
    set_delivering(sandbox, Delivering.TWICE)
    set_answering(sandbox, Answering.SLOW)
    set_answering(sandbox, wanted)
    assert (answering(sandbox), delivering(sandbox)) == (wanted, Delivering.TWICE)
    set_answering(sandbox, Answering.NORMAL)
    assert sandbox.faults.pending() == [
        fault for fault in sandbox.faults.pending() if fault.kind == "duplicate"
    ]
    assert not sandbox.declines_all


def test_a_stripe_that_is_down_before_does_nothing(running: Application, sandbox: Sandbox) -> None:
    """The desk gets no answer, however often it tries."""
    before = intents(running)
    set_answering(sandbox, Answering.DOWN_BEFORE)
    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            running.desk.gateway.create_payment_intent(ORDER, "key-down-before")
    assert intents(running) == before


def test_a_stripe_that_is_down_after_has_charged_the_card(
    running: Application, sandbox: Sandbox
) -> None:
    """It is the charge's answer that is lost, however often the desk tries; it may still ask."""
    set_answering(sandbox, Answering.DOWN_AFTER)
    gateway = running.desk.gateway
    intent = gateway.create_payment_intent(ORDER, str(uuid4()))
    key = str(uuid4())
    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            gateway.confirm_payment_intent(
                intent.payment_intent_id, "pm_card_visa", moto=False, idempotency_key=key
            )
    charged = gateway.retrieve_payment_intent(intent.payment_intent_id)
    assert charged.status is PaymentStatus.SUCCEEDED


def test_a_rate_limit_is_answered(running: Application, sandbox: Sandbox) -> None:
    """With 429, of which nothing comes."""
    set_answering(sandbox, Answering.RATE_LIMIT)
    with pytest.raises(OutcomeUnknown, match="too many requests"):
        running.desk.gateway.create_payment_intent(ORDER, str(uuid4()))


def test_every_card_is_declined(running: Application, sandbox: Sandbox) -> None:
    """A good one as well, but for a moment only."""
    set_answering(sandbox, Answering.DECLINE_ALL)
    intent = running.desk.gateway.create_payment_intent(ORDER, str(uuid4()))

    def confirm() -> None:
        running.desk.gateway.confirm_payment_intent(
            intent.payment_intent_id, "pm_card_visa", moto=False, idempotency_key=str(uuid4())
        )

    with pytest.raises(CardDeclined):
        confirm()
    set_answering(sandbox, Answering.NORMAL)
    confirm()


@pytest.mark.parametrize(
    ("wanted", "tries"), [(Delivering.LATE, 0), (Delivering.LOST, 0), (Delivering.TWICE, 2)]
)
def test_webhooks_come_late_never_or_twice(
    running: Application, sandbox: Sandbox, wanted: Delivering, tries: int
) -> None:
    """Later ones on time again."""
    sandbox.webhooks.drain()
    set_delivering(sandbox, wanted)
    running.desk.gateway.create_payment_intent(ORDER, str(uuid4()))
    assert sandbox.webhooks.drain() == tries
    set_delivering(sandbox, Delivering.ON_TIME)
    running.desk.gateway.create_payment_intent(ORDER, str(uuid4()))
    assert sandbox.webhooks.drain() == 1

"""Cancelling a payment that nobody has paid."""

from dataclasses import replace

import pytest
from sqlmodel import select

from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.payment.operation import OperationKind
from cardpay.domain.payment.status import PaymentStatus
from cardpay.domain.payment_acts.owner import OwnedElsewhere, Owner
from cardpay.domain.stripe_facts.events import Subject
from cardpay.domain.stripe_facts.snapshots import PaymentIntentSnapshot
from cardpay.gateway.errors import StripeUnavailable
from cardpay.gateway.stripe_gateway import StripeGateway
from cardpay.reporting.payment_page.payment_details import payment_details
from cardpay.services.taking.cancel_payment import cancel_payment
from cardpay.services.taking.payment_view import view
from cardpay.services.webhooks.apply_event import retrieve_and_apply
from cardpay.storage.schema.tables import Payment
from tests.support.desks.given_stripe import GivenStripe, example
from tests.support.desks.told_desks import told_desk
from tests.support.desks.worlds import AGENT, SUPERVISOR, World

pytestmark = pytest.mark.one_database


def test_a_double_click_cancels_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second click comes while Stripe works on the first, and is told the same."""
    payment = world.created()
    gateway = world.desk.gateway
    cancel = gateway.cancel_payment_intent
    second = []

    def slow(payment_intent_id: str, key: str) -> PaymentIntentSnapshot:
        second.append(cancel_payment(world.desk, AGENT, payment.payment_id))
        return cancel(payment_intent_id, key)

    monkeypatch.setattr(gateway, "cancel_payment_intent", slow)
    first = cancel_payment(world.desk, AGENT, payment.payment_id)
    assert first.display is DisplayStatus.CANCELLED
    assert [seen.display for seen in second] == [DisplayStatus.CHECKING]
    assert [path for _, path in world.calls() if path.endswith("/cancel")] == [
        f"/v1/payment_intents/{payment.payment_intent_id}/cancel"
    ]


RESTRICTED = f"rk_test_{'1' * 24}"
ALL_TRIES = 3  # the SDK reads three times before it gives up


def made_elsewhere(world: World) -> Payment:
    """One that waits for a card, and that the desk has heard of."""
    intent_id = world.elsewhere(confirm="false")
    retrieve_and_apply(world.desk, Subject.PAYMENT_INTENT, intent_id)
    with world.desk.store.reading() as session:
        chosen = select(Payment).where(Payment.stripe_payment_intent_id == intent_id)
        return session.exec(chosen).one()


def why_not(world: World, payment: Payment) -> str | None:
    """What the payment's page says in the place of "Cancel"."""
    told = payment_details(world.desk.store, SUPERVISOR, payment.id, now=world.desk.now())
    return told.allowed_actions.refusals.get(OperationKind.CANCEL)


def asked(world: World) -> list[str]:
    """What Stripe was asked, without ids."""
    return [path.replace("/v1/", "").split("/pi_")[0] for _, path in world.calls()]


def test_what_an_invoice_owns_is_refused_in_words(world: World) -> None:
    """Asked on the press, before an operation; then the page knows, and Stripe is left alone."""
    payment = made_elsewhere(world)
    assert why_not(world, payment) is None
    assert view(world.desk, payment.id).can_cancel
    world.sandbox.outside.bill(str(payment.stripe_payment_intent_id))
    world.sandbox.clear_requests()
    for _ in range(2):
        with pytest.raises(OwnedElsewhere, match="Void the invoice in Stripe"):
            cancel_payment(world.desk, SUPERVISOR, payment.id)
    assert asked(world) == ["checkout/sessions", "invoice_payments"]
    assert why_not(world, payment) == (
        "This payment belongs to an invoice. Void the invoice in Stripe to cancel it."
    )
    assert not view(world.desk, payment.id).can_cancel


def test_what_nothing_owns_is_cancelled(world: World) -> None:
    """And what the desk made itself is asked about nobody."""
    payment, own = made_elsewhere(world), world.created()
    world.sandbox.clear_requests()
    cancelled = cancel_payment(world.desk, SUPERVISOR, payment.id)
    assert cancelled.status is PaymentStatus.CANCELED
    assert asked(world) == ["checkout/sessions", "invoice_payments", "payment_intents"]
    world.sandbox.clear_requests()
    assert cancel_payment(world.desk, AGENT, own.payment_id).status is PaymentStatus.CANCELED
    assert asked(world) == ["payment_intents"]


def test_nothing_is_sent_while_stripe_says_no_owner(world: World) -> None:
    """It can be tried again; a key that may not read it leaves the answer to the cancel."""
    payment = made_elsewhere(world)
    world.sandbox.faults.add("error_500", path="/v1/invoice_payments", times=ALL_TRIES)
    with pytest.raises(StripeUnavailable):
        cancel_payment(world.desk, SUPERVISOR, payment.id)
    assert not [path for method, path in world.calls() if path.endswith("/cancel")]
    world.sandbox.restrict_key(RESTRICTED, {"rak_payment_intent_write"})
    gateway = StripeGateway(RESTRICTED, send=world.sandbox.handle)
    restricted = replace(world.desk, gateway=gateway)
    cancelled = cancel_payment(restricted, SUPERVISOR, payment.id)
    assert cancelled.status is PaymentStatus.CANCELED


def test_what_a_session_of_others_owns_is_cancelled_only_while_held(database_url: str) -> None:
    """Otherwise the customer may be on its page."""
    stripe = GivenStripe()
    waits, held = "requires_payment_method", "requires_capture"
    for number, status in enumerate((waits, held)):
        intent_id = f"pi_{number}"
        stripe.hold(
            example("payment_intent", intent_id, status=status, metadata={}),
            {"id": f"cs_{number}", "object": "checkout.session", "payment_intent": intent_id,
             "created": 1},
        )  # fmt: skip
    with told_desk(database_url, stripe) as told:
        refused, shown = {}, {}
        for number, status in enumerate((waits, held)):
            retrieve_and_apply(told.desk, Subject.PAYMENT_INTENT, f"pi_{number}")
            with told.desk.store.reading() as session:
                chosen = select(Payment).where(Payment.stripe_payment_intent_id == f"pi_{number}")
                payment = session.exec(chosen).one()
            try:
                cancel_payment(told.desk, SUPERVISOR, payment.id)
            except OwnedElsewhere as error:
                refused[status] = error.sentence
            with told.desk.store.reading() as session:
                assert session.get_one(Payment, payment.id).owner is Owner.CHECKOUT_SESSION
            shown[status] = view(told.desk, payment.id).can_cancel
    assert refused == {
        waits: "This payment belongs to a Checkout Session that was made elsewhere. Expire the "
        "session in Stripe to cancel it."
    }
    assert not shown[waits]
    assert [path for method, path in stripe.asked if method == "POST"] == [
        "/v1/payment_intents/pi_1/cancel"
    ]

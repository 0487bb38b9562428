"""The desk and Stripe tell the same of every payment and event, once all has come to rest."""

from collections.abc import Sequence

from sqlmodel import select

from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.domain.stripe_facts.events import EventState
from cardpay.services.desk import Desk
from cardpay.storage.schema.tables import Operation, Payment, PaymentAttempt, StripeEvent
from tests.support.processes.servers import StripeServer
from tests.support.processes.waiting import wait_for


def event_rows(desk: Desk) -> Sequence[StripeEvent]:
    """Every event that the desk has."""
    with desk.store.reading() as session:
        return session.exec(select(StripeEvent)).all()


def wait_until_arrived(desk: Desk, stripe: StripeServer, patience_seconds: float) -> None:
    """Every fee is known at Stripe, and every event of Stripe's is here, and was begun with."""

    def have_arrived() -> bool:
        charges = stripe.listed("/v1/charges")
        settled = all(made["balance_transaction"] for made in charges if made["captured"])
        expected = {event["id"] for event in stripe.listed("/v1/events")}
        return settled and expected == {
            row.stripe_event_id for row in event_rows(desk) if row.tries
        }

    wait_for(have_arrived, "not every event has arrived", patience_seconds)


def check_events(desk: Desk, stripe: StripeServer) -> None:
    """Each is one row, and was handled, however many receivers were sent it."""
    rows = event_rows(desk)
    left = [(row.type, row.state, row.problem) for row in rows]
    assert {state for _, state, _ in left} == {EventState.HANDLED}, left
    assert len(rows) == len({row.stripe_event_id for row in rows})
    assert len(rows) == len(stripe.listed("/v1/events"))


def check_payments(desk: Desk, stripe: StripeServer) -> dict[str, Payment]:
    """Nothing is open, each is as Stripe says and was charged once at most; the rows, by id."""
    intents = {made["id"]: made for made in stripe.listed("/v1/payment_intents")}
    charged = [made for made in stripe.listed("/v1/charges") if made["status"] == "succeeded"]
    with desk.store.reading() as session:
        rows = {row.id: row for row in session.exec(select(Payment))}
        operations = session.exec(select(Operation)).all()
        attempts = session.exec(select(PaymentAttempt)).all()
    assert not [operation.kind for operation in operations if operation.state == "open"]
    assert len(charged) == len({charge["payment_intent"] for charge in charged})
    paid = {row.stripe_charge_id for row in attempts if row.outcome == AttemptOutcome.SUCCEEDED}
    assert paid == {charge["id"] for charge in charged}
    for row in rows.values():
        intent = intents.pop(row.stripe_payment_intent_id or "", None)
        assert row.status == (intent["status"] if intent else None)
    assert not intents
    return rows

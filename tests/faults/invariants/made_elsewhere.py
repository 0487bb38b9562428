"""What other systems do in the same account stays theirs and stops nothing of ours."""

from collections.abc import Iterator

from tests.faults.invariants.desk_and_stripe import DeskAndStripe
from tests.faults.simulator.stripe_record import ELSEWHERE
from tests.faults.simulator.unknown_forms import OTHER_METHODS


def whose_payment(seen: DeskAndStripe) -> Iterator[str]:
    """A payment is the desk's if the desk made it, whatever its metadata says."""
    for row in seen.payments:
        found = seen.their_intents.get(row.stripe_payment_intent_id or "")
        if found and row.taken_at_desk == (found["description"] == ELSEWHERE):
            whose = "the desk's" if row.taken_at_desk else "another system's"
            yield f"{found['id']} is known as {whose}"


def no_write_by_mistake(seen: DeskAndStripe) -> Iterator[str]:
    """What the desk does to a payment of its own never reaches one that was made elsewhere."""
    of_desk = {row.id for row in seen.payments if row.taken_at_desk}
    operations = {row.idempotency_key: row.payment_id for row in seen.operations}
    for write in seen.world.connection.writes:
        for intent_id, found in seen.their_intents.items():
            mistaken = f"/{intent_id}/" in write.path and found["description"] == ELSEWHERE
            if mistaken and operations.get(write.idempotency_key) in of_desk:
                yield f"{write.path} was sent for {operations[write.idempotency_key]}"


def set_aside_for_a_while(seen: DeskAndStripe) -> Iterator[str]:
    """What cannot be read is set aside by a comparison, until a version that can read it."""
    for intent_id in seen.world.not_set_aside:
        yield f"{intent_id} could not be read and was not set aside"
    for object_id in seen.world.store.set_aside():
        yield f"{object_id} is still set aside"


def same_methods(seen: DeskAndStripe) -> Iterator[str]:
    """What each charge was paid by is known, and what is no card is not shown as one."""
    rows = {row.stripe_charge_id: row for row in seen.attempts}
    for charge in seen.their_charges.values():
        row = rows.get(charge["id"])
        if row is None:
            continue  # see `same_charges`
        method = seen.world.unknown_forms.methods.get(charge["payment_intent"], "card")
        last4 = charge["payment_method_details"]["card"]["last4"]
        if method != "card":
            last4 = OTHER_METHODS[method].get("last4")
        if (row.method_type, row.card_last4) != (method, last4):
            ours = f"{row.method_type} {row.card_last4}"
            yield f"{charge['id']} was paid by {ours} here and by {method} {last4} at Stripe"


ALL = (same_methods, whose_payment, no_write_by_mistake, set_aside_for_a_while)

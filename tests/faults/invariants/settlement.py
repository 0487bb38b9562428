"""Money after its charge: refunds, disputes and fees are as Stripe says, and were asked for."""

from collections import Counter
from collections.abc import Iterator

from cardpay.domain.payment.refund import released_minor
from tests.faults.invariants.desk_and_stripe import DeskAndStripe
from tests.faults.simulator.desk_world import Asked


def refunds_within_what_was_captured(seen: DeskAndStripe) -> Iterator[str]:
    """Nobody gets back more than they paid."""
    for intent_id, amount_minor in seen.given_back.items():
        received = seen.their_intents[intent_id]["amount_received"]
        if amount_minor > received:
            yield f"{amount_minor} of {received} went back for {intent_id}"


def every_refund_was_asked_for(seen: DeskAndStripe) -> Iterator[str]:
    """A press of the button makes at most one refund, and nothing else makes any."""
    made = Counter(
        (seen.ours[refund.payment_intent_id], refund.amount_minor)
        for refund in seen.world.record.refunds.values()
        if refund.refund_id not in seen.world.elsewhere
    )
    asked = Counter(
        (request.payment_id, request.amount_minor) for request in seen.world.asked_refunds
    )
    for (payment_id, amount_minor), times in made.items():
        if times > asked[payment_id, amount_minor]:
            yield f"{payment_id}: {amount_minor} was refunded {times} times"


def every_capture_was_asked_for(seen: DeskAndStripe) -> Iterator[str]:
    """A hold becomes a charge only when somebody says so, and for the amount they said."""
    for intent in seen.their_intents.values():
        held = intent["capture_method"] == "manual" and intent["id"] not in seen.world.elsewhere
        payment_id = seen.ours.get(intent["id"], "")
        captured = Asked(payment_id, intent["amount_received"])
        if held and captured.amount_minor and captured not in seen.world.asked_captures:
            yield f"{payment_id}: {captured.amount_minor} was captured, unasked"


def captured_within_what_was_held(seen: DeskAndStripe) -> Iterator[str]:
    """Never more than was authorised; once it has ended, nothing is held, here or at Stripe."""
    rows = {row.stripe_payment_intent_id: row for row in seen.payments}
    for intent in seen.their_intents.values():
        row = rows.get(intent["id"])
        if intent["capture_method"] != "manual" or row is None:
            continue
        held, taken = intent["amount"], intent["amount_received"]
        if taken > held:
            yield f"{row.id}: {taken} was captured of {held} held"
        ours = (row.amount_received_minor, row.amount_capturable_minor)
        if ours != (taken, intent["amount_capturable"]):
            yield f"{row.id}: {ours} taken and held here, {taken} taken at Stripe"
        ended = intent["status"] in {"succeeded", "canceled"}
        released = released_minor(row.status, row.amount_minor, row.amount_received_minor)
        if ended and (row.amount_capturable_minor or (taken and released != held - taken)):
            yield f"{row.id}: {released} is said to be released, {held - taken} was"


def same_refunds(seen: DeskAndStripe) -> Iterator[str]:
    """Each refund of Stripe's is a row of ours, as it is now; no other row claims to be one."""
    intents = {payment_id: intent_id for intent_id, payment_id in seen.ours.items()}
    rows = {row.stripe_refund_id: row for row in seen.refunds if row.stripe_refund_id}
    for refund in seen.their_refunds.values():
        row = rows.pop(refund["id"], None)
        if row is None:
            yield f"no row for the {refund['status']} refund {refund['id']}"
            continue
        ours = (row.status, row.amount_minor, intents[row.payment_id])
        theirs = (refund["status"], refund["amount"], refund["payment_intent"])
        if ours != theirs:
            yield f"refund {refund['id']} is {ours} here and {theirs} at Stripe"
        by_us = refund["id"] not in seen.world.elsewhere
        if by_us != (row.operation_id is not None):
            yield f"refund {refund['id']} is not known as {'ours' if by_us else 'made elsewhere'}"
    if rows:
        yield f"refunds that Stripe does not have: {sorted(map(str, rows))}"


def same_amount_refunded(seen: DeskAndStripe) -> Iterator[str]:
    """A payment's sum of refunds is the sum of Stripe's refunds that have not failed."""
    for row in seen.payments:
        theirs = seen.given_back[row.stripe_payment_intent_id or ""]
        if row.amount_refunded_minor != theirs:
            yield f"{row.id}: {row.amount_refunded_minor} refunded here, {theirs} at Stripe"


def same_disputes(seen: DeskAndStripe) -> Iterator[str]:
    """Each dispute of Stripe's is a row of ours, and the other way round."""
    intents = {payment_id: intent_id for intent_id, payment_id in seen.ours.items()}
    ours = {
        row.stripe_dispute_id: (row.status, row.amount_minor, intents.get(row.payment_id or ""))
        for row in seen.disputes
    }
    theirs = {
        found["id"]: (found["status"], found["amount"], found["payment_intent"])
        for found in seen.their_disputes.values()
    }
    if ours != theirs:
        yield f"disputes are {ours} here and {theirs} at Stripe"


def same_fees(seen: DeskAndStripe) -> Iterator[str]:
    """The fee of each captured charge is known, and no amount differs from Stripe's."""
    ours = {
        row.stripe_balance_transaction_id: (row.gross_minor, row.fee_minor, row.net_minor)
        for row in seen.balance
    }
    for charge in seen.their_charges.values():
        transaction_id = charge["balance_transaction"]
        if transaction_id is not None and transaction_id not in ours:
            yield f"the fee of {charge['id']} is unknown"
    for transaction_id, amounts in ours.items():
        found = seen.their_balance.get(transaction_id)
        theirs = (found["amount"], found["fee"], found["net"]) if found else None
        if amounts != theirs:
            yield f"{transaction_id} is {amounts} here and {theirs} at Stripe"


ALL = (
    refunds_within_what_was_captured,
    every_refund_was_asked_for,
    every_capture_was_asked_for,
    captured_within_what_was_held,
    same_refunds,
    same_amount_refunded,
    same_disputes,
    same_fees,
)

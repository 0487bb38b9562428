"""Payment links: one order is charged once, and no link is open that the desk does not know."""

from collections import Counter
from collections.abc import Iterator

from tests.faults.invariants.desk_and_stripe import DeskAndStripe
from tests.faults.simulator.stripe_record import ELSEWHERE


def one_charge_an_order(seen: DeskAndStripe) -> Iterator[str]:
    """By card or by link, an order is charged or held at most once, by Stripe's own account."""
    counted = Counter(
        intent["metadata"]["order_reference"]
        for intent in seen.their_intents.values()
        if intent["status"] in {"succeeded", "requires_capture"}
        and intent["description"] != ELSEWHERE
    )
    for reference, times in counted.items():
        if times > 1:
            yield f"order {reference} was charged {times} times"


def same_links(seen: DeskAndStripe) -> Iterator[str]:
    """Each Checkout Session is a link of ours, as it is now, with its PaymentIntent."""
    ours = {row.stripe_checkout_session_id: row for row in seen.links}
    ours.pop(None, None)
    intents = {row.id: row.stripe_payment_intent_id for row in seen.payments}
    for session in seen.their_sessions.values():
        row = ours.pop(session["id"], None)
        if row is None:
            yield f"no link for the {session['status']} Session {session['id']}"
            continue
        known = (row.status, intents[row.id])
        stated = (session["status"], session["payment_intent"])
        if known != stated:
            yield f"link {row.id} is {known} here and {stated} at Stripe"
    if ours:
        yield f"links that Stripe does not have: {sorted(map(str, ours))}"


def no_link_is_left_open(seen: DeskAndStripe) -> Iterator[str]:
    """A day later no customer can pay any more."""
    for session in seen.their_sessions.values():
        if session["status"] == "open":
            yield f"the Session {session['id']} is still open"


ALL = (one_charge_an_order, same_links, no_link_is_left_open)

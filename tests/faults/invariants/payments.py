"""What must be true after every run, whatever went wrong in it. Each finds its violations."""

from collections import Counter
from collections.abc import Callable, Iterator

from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.services.audit.verify_chain import verify
from cardpay.storage.database.engine import Store
from tests.faults.invariants import ledger, links, made_elsewhere, payouts, settlement
from tests.faults.invariants.desk_and_stripe import DeskAndStripe
from tests.faults.simulator.desk_world import DeskWorld
from tests.faults.simulator.stripe_record import ELSEWHERE
from tests.faults.simulator.unknown_forms import NEW_STATUS

Invariant = Callable[[DeskAndStripe], Iterator[str]]

_ENDED = {DisplayStatus.NOT_CHARGED, DisplayStatus.CANCELLED}
_NOT_PAID = _ENDED | {DisplayStatus.DECLINED}


def one_charge(seen: DeskAndStripe) -> Iterator[str]:
    """A payment is charged at most once."""
    counted = Counter(charge.payment_id for charge in seen.world.record.charges.values())
    for payment_id, times in counted.items():
        if times > 1:
            yield f"{payment_id} was charged {times} times"


def one_paid_payment_an_order(seen: DeskAndStripe) -> Iterator[str]:
    """An order is paid at most once, as nobody here means a second payment.

    A hold that was cancelled has taken nothing.
    """
    counted = Counter(
        row.search_reference
        for row in seen.payments
        if row.taken_at_desk and row.status in {"succeeded", "requires_capture"}
    )
    for reference, times in counted.items():
        if times > 1:
            yield f"order {reference} was paid {times} times"


def nothing_after_the_end(seen: DeskAndStripe) -> Iterator[str]:
    """No charge begins after the desk has said that there was none.

    Not charged and Cancelled are for good; Declined is about the confirm before it.
    """
    begun = {
        row.stripe_payment_method_id: row.created_at
        for row in seen.attempts
        if row.operation_id is not None
    }
    for charge in seen.world.record.charges.values():
        began_at = begun.get(charge.payment_method_id)
        for said in seen.world.store.said[charge.payment_id]:
            for_good = said.word in _ENDED and said.status == "canceled"
            of_this = said.word in _NOT_PAID and began_at is not None and said.at > began_at
            if said.at < charge.at and (for_good or of_this):
                yield f"{charge.charge_id} began after “{said.word}”"


def never_back(seen: DeskAndStripe) -> Iterator[str]:
    """What is stored follows Stripe's own history, perhaps with gaps, never backwards."""
    for row in seen.payments:
        history = seen.world.record.statuses.get(row.stripe_payment_intent_id or "", [])
        place = 0
        for said in seen.world.store.said[row.id]:
            if said.status in {None, NEW_STATUS}:  # the second is how answers told it
                continue
            if said.status not in history[place:]:
                yield f"{row.id} went back to {said.status}: {history}"
                break
            place = history.index(said.status, place)


def same_status(seen: DeskAndStripe) -> Iterator[str]:
    """In the end the desk and Stripe agree about each PaymentIntent."""
    theirs = dict(seen.their_intents)
    for row in seen.payments:
        intent = theirs.pop(row.stripe_payment_intent_id or "", None)
        if intent is None:
            if row.status is not None:
                yield f"{row.id} is {row.status} here and unknown at Stripe"
            continue
        compared = {
            "status": row.status,
            "amount": row.amount_minor,
            "currency": row.currency,
            "amount_received": row.amount_received_minor,
            "amount_capturable": row.amount_capturable_minor,
        }
        for name, ours in compared.items():
            if ours != intent[name]:
                yield f"{row.id}: {name} is {ours} here and {intent[name]} at Stripe"
    for intent in theirs.values():
        named = intent["metadata"].get("payment_id", "elsewhere")
        yield f"no payment for the {intent['status']} PaymentIntent {intent['id']} ({named})"


def same_charges(seen: DeskAndStripe) -> Iterator[str]:
    """Each charge is an attempt, and has the outcome that Stripe says."""
    by_charge = {row.stripe_charge_id: row for row in seen.attempts if row.stripe_charge_id}
    for charge in seen.their_charges.values():
        row = by_charge.pop(charge["id"], None)
        if row is None:
            yield f"no attempt for the {charge['status']} charge {charge['id']}"
            continue
        held = seen.their_intents[charge["payment_intent"]]["status"] != "canceled"
        right = AttemptOutcome.AUTHORISED if held else AttemptOutcome.NOT_CHARGED
        if charge["status"] == "failed":
            right = AttemptOutcome.DECLINED
        elif charge["captured"]:
            right = AttemptOutcome.SUCCEEDED
        if row.outcome != right:
            yield f"charge {charge['id']} is {row.outcome} here and should be {right}"
    if by_charge:
        yield f"charges that Stripe does not have: {sorted(map(str, by_charge))}"


def one_payment_intent(seen: DeskAndStripe) -> Iterator[str]:
    """A payment has at most one PaymentIntent that could still take money."""
    counted = Counter(
        intent["metadata"]["payment_id"]
        for intent in seen.their_intents.values()
        if intent["status"] != "canceled" and intent["description"] != ELSEWHERE
    )
    for payment_id, times in counted.items():
        if times > 1:
            yield f"{payment_id} has {times} PaymentIntents"


def one_audit_chain(seen: DeskAndStripe) -> Iterator[str]:
    """The audit log's entries are one whole hash chain, up to the last commit."""
    store, head = seen.world.store, seen.world.store.committed_head
    unwatched = Store(store.engine, store.audit_keys)
    yield from verify(
        unwatched, store.audit_keys, [head] if head else [], seen.world.opened_at
    ).problems


INVARIANTS: tuple[Invariant, ...] = (
    one_audit_chain,
    one_charge,
    one_paid_payment_an_order,
    nothing_after_the_end,
    never_back,
    same_status,
    same_charges,
    one_payment_intent,
    *settlement.ALL,
    *payouts.ALL,
    *made_elsewhere.ALL,
    *links.ALL,
    *ledger.ALL,
)


def violations(world: DeskWorld) -> tuple[str, ...]:
    """Everything that is wrong in a world at rest."""
    seen = DeskAndStripe(world)
    return tuple(
        f"{invariant.__name__}: {found}" for invariant in INVARIANTS for found in invariant(seen)
    )

"""What must be true after every run, whatever went wrong in it. Each finds its violations."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime

from sqlalchemy import inspect, text
from sqlmodel import select

from cardpay.domain.payment import AttemptOutcome, DisplayStatus
from cardpay.services.operations import IN_FLIGHT
from cardpay.services.recovery import REPLAY_WINDOW
from cardpay.storage.tables import Operation, Payment, PaymentAttempt
from tests.faults.desk_world import DeskWorld
from tests.support.secret_scan import scan_bytes

Invariant = Callable[[DeskWorld], Iterator[str]]

_ENDED = {DisplayStatus.NOT_CHARGED.value, DisplayStatus.CANCELLED.value}
_NOT_PAID = _ENDED | {DisplayStatus.DECLINED.value}
_PATHS = {"create": "", "confirm": "/confirm", "cancel": "/cancel"}


def one_charge(world: DeskWorld) -> Iterator[str]:
    """A payment is charged at most once."""
    counted = Counter(charge.payment_id for charge in world.line.charges.values())
    for payment_id, times in counted.items():
        if times > 1:
            yield f"{payment_id} was charged {times} times"


def one_paid_payment_an_order(world: DeskWorld) -> Iterator[str]:
    """An order is paid at most once, as nobody here means a second payment."""
    paid = {charge.payment_id for charge in world.line.charges.values()}
    with world.store.reading() as session:
        rows = session.exec(select(Payment)).all()
    counted = Counter(row.search_reference for row in rows if row.id in paid)
    for reference, times in counted.items():
        if times > 1:
            yield f"order {reference} was paid {times} times"


def nothing_after_the_end(world: DeskWorld) -> Iterator[str]:
    """No charge begins after the desk has said that there was none.

    Not charged and Cancelled are for good; Declined is about the confirm before it.
    """
    begun = _begun(world)
    for charge in world.line.charges.values():
        began_at = begun.get(charge.payment_method_id)
        for said in world.store.said[charge.payment_id]:
            for_good = said.word in _ENDED and said.status == "canceled"
            of_this = said.word in _NOT_PAID and began_at is not None and said.at > began_at
            if said.at < charge.at and (for_good or of_this):
                yield f"{charge.charge_id} began after “{said.word}”"


def never_back(world: DeskWorld) -> Iterator[str]:
    """What is stored follows Stripe's own history, perhaps with gaps, never backwards."""
    for payment_id, told in world.store.said.items():
        history = world.line.truth[payment_id]
        place = 0
        for said in told:
            if said.status is None:
                continue
            if said.status not in history[place:]:
                yield f"{payment_id} went back to {said.status}: {history}"
                break
            place = history.index(said.status, place)


def same_status(world: DeskWorld) -> Iterator[str]:
    """In the end the desk and Stripe agree, about each PaymentIntent and each charge."""
    intents = {
        intent["metadata"]["payment_id"]: intent
        for intent in world.line.listed("/v1/payment_intents")
    }
    with world.store.reading() as session:
        payments = session.exec(select(Payment)).all()
        attempts = session.exec(select(PaymentAttempt)).all()
    for row in payments:
        intent = intents.pop(row.id, None)
        theirs = intent["status"] if intent else None
        if row.status != theirs:
            yield f"{row.id} is {row.status} here and {theirs} at Stripe"
        if intent and row.stripe_payment_intent_id != intent["id"]:
            yield f"{row.id} knows {row.stripe_payment_intent_id}, not {intent['id']}"
    for payment_id in intents:
        yield f"no payment for the PaymentIntent of {payment_id}"
    ours = {row.stripe_charge_id for row in attempts if row.outcome == AttemptOutcome.SUCCEEDED}
    if ours != set(world.line.charges):
        yield f"charges {sorted(map(str, ours))} here, {sorted(world.line.charges)} at Stripe"


def one_payment_intent(world: DeskWorld) -> Iterator[str]:
    """A payment has at most one PaymentIntent that could still take money."""
    counted = Counter(
        intent["metadata"]["payment_id"]
        for intent in world.line.listed("/v1/payment_intents")
        if intent["status"] != "canceled"
    )
    for payment_id, times in counted.items():
        if times > 1:
            yield f"{payment_id} has {times} PaymentIntents"


def every_write_has_its_operation(world: DeskWorld) -> Iterator[str]:
    """What was asked of Stripe is in the ledger, under the key with which it was sent."""
    with world.store.reading() as session:
        kinds = {row.idempotency_key: row.kind for row in session.exec(select(Operation))}
    for write in world.line.writes:
        kind = kinds.get(write.idempotency_key)
        if kind is None:
            yield f"no operation for {write.path}"
        elif not write.path.endswith(_PATHS[kind] or "/v1/payment_intents"):
            yield f"{write.path} was sent as a {kind}"


def nothing_in_the_open(world: DeskWorld) -> Iterator[str]:
    """Recovery has ended every operation and every attempt."""
    with world.store.reading() as session:
        operations = session.exec(select(Operation)).all()
        attempts = session.exec(select(PaymentAttempt)).all()
    for operation in operations:
        if operation.state == "open" or operation.open_slot is not None:
            yield f"the {operation.kind} of {operation.payment_id} is open ({operation.problem})"
    for attempt in attempts:
        if attempt.outcome == AttemptOutcome.PENDING:
            yield f"an attempt of {attempt.payment_id} is pending"


def no_charge_behind_anyones_back(world: DeskWorld) -> Iterator[str]:
    """A confirm is sent by a page that somebody watches, soon after its row, or never."""
    latest = REPLAY_WINDOW + IN_FLIGHT
    with world.store.reading() as session:
        begun = {row.idempotency_key: row.created_at for row in session.exec(select(Operation))}
    for write in world.line.writes:
        if not write.path.endswith("/confirm"):
            continue
        if write.unwatched:
            yield f"the recoverer sent {write.path}"
        age = write.at - begun.get(write.idempotency_key, write.at)
        if age > latest:
            yield f"{write.path} was sent {age} after its row"


def nothing_secret_stored(world: DeskWorld) -> Iterator[str]:
    """No key, client_secret or card number in any column."""
    engine = world.store.engine
    for table in inspect(engine).get_table_names():
        with engine.connect() as connection:
            for row in connection.execute(text(f'SELECT * FROM "{table}"')):
                for value in row:
                    for finding in scan_bytes(str(value).encode(), table):
                        yield f"{finding.kind} in {finding.where}: {finding.text}"


INVARIANTS: tuple[Invariant, ...] = (
    one_charge,
    one_paid_payment_an_order,
    nothing_after_the_end,
    never_back,
    same_status,
    one_payment_intent,
    every_write_has_its_operation,
    nothing_in_the_open,
    no_charge_behind_anyones_back,
    nothing_secret_stored,
)


def _begun(world: DeskWorld) -> dict[str, datetime]:
    """When the confirm of each PaymentMethod was begun."""
    with world.store.reading() as session:
        rows = session.exec(select(PaymentAttempt)).all()
    return {
        row.stripe_payment_method_id: row.created_at
        for row in rows
        if row.stripe_payment_method_id
    }

"""The desk's own books: operations, events, and what must never be in them."""

from collections.abc import Iterator

from sqlalchemy import inspect, text

from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.domain.payment.operation import REPLAY_WINDOW
from cardpay.domain.payment.status import PaymentStatus
from cardpay.domain.stripe_facts.events import LISTED_TYPES, EventState, subject_of
from cardpay.services.stripe_writes.operation_lifecycle import IN_FLIGHT
from tests.faults.invariants.desk_and_stripe import DeskAndStripe
from tests.faults.simulator.fault_coverage import WRITES
from tests.support.secrets.secret_scan import scan_bytes


def every_write_has_its_operation(seen: DeskAndStripe) -> Iterator[str]:
    """What was asked of Stripe is in the ledger, under the key with which it was sent."""
    kinds = {row.idempotency_key: row.kind for row in seen.operations}
    for write in seen.world.connection.writes:
        kind = kinds.get(write.idempotency_key)
        if kind is None:
            yield f"no operation for {write.path}"
        elif not write.path.endswith(WRITES[kind]):
            yield f"{write.path} was sent as a {kind}"


def nothing_in_the_open(seen: DeskAndStripe) -> Iterator[str]:
    """Recovery, and a person where it needs one, have ended every operation and attempt."""
    for operation in seen.operations:
        if operation.state == "open" or operation.open_slot is not None:
            yield f"the {operation.kind} of {operation.payment_id} is open ({operation.problem})"
    for attempt in seen.attempts:
        if attempt.outcome == AttemptOutcome.PENDING:
            yield f"an attempt of {attempt.payment_id} is pending"


def nothing_behind_anyones_back(seen: DeskAndStripe) -> Iterator[str]:
    """Money is moved by somebody who looks on: a confirm soon after its row, or never."""
    latest = REPLAY_WINDOW + IN_FLIGHT
    begun = {row.idempotency_key: row.created_at for row in seen.operations}
    for write in seen.world.connection.writes:
        moves_money = write.path.endswith(("/confirm", "/capture", "/v1/refunds"))
        if moves_money and write.unwatched:
            yield f"the recovery task sent {write.path}"
        age = write.at - begun.get(write.idempotency_key, write.at)
        if write.path.endswith("/confirm") and age > latest:
            yield f"{write.path} was sent {age} after its row"


def every_event_is_handled(seen: DeskAndStripe) -> Iterator[str]:
    """Each event is one row, and applied; a lost one, too, if comparing reads its type.

    What the desk takes no events of is stored and ignored.
    """
    states = {row.stripe_event_id: row for row in seen.events}
    if len(states) < len(seen.events):
        yield "an event is stored twice"
    for event in seen.their_events.values():
        row = states.get(event["id"])
        if row is None:
            if event["id"] not in seen.world.delivery.lost or event["type"] in LISTED_TYPES:
                yield f"{event['type']} {event['id']} was never stored"
        elif row.state != (EventState.HANDLED if subject_of(row.type) else EventState.IGNORED):
            yield f"{row.type} {row.stripe_event_id} is {row.state} ({row.problem})"


def nothing_left_to_find(seen: DeskAndStripe) -> Iterator[str]:
    """After one comparison that corrects, the next finds nothing."""
    last = max(seen.reconciliations, key=lambda row: row.started_at)
    if last.finished_at is None or last.problem:
        yield f"the last comparison did not end well: {last.problem}"
    for found in seen.discrepancies:
        if found.reconciliation_id == last.id:
            yield f"{found.kind} {found.stripe_object_id}: {found.ours} and {found.theirs}"


def unpaid_payments_have_ended(seen: DeskAndStripe) -> Iterator[str]:
    """A day later nobody can pay what the desk began and nobody paid; a hold is not unpaid."""
    for row in seen.payments:
        if row.taken_at_desk and row.status not in {
            None,
            PaymentStatus.SUCCEEDED,
            PaymentStatus.CANCELED,
            PaymentStatus.REQUIRES_CAPTURE,
        }:
            yield f"{row.id} is still {row.status}"


def no_part_broke(seen: DeskAndStripe) -> Iterator[str]:
    """No round of the recovery task or the worker fails in a way that nobody has foreseen."""
    yield from seen.world.unexpected_errors


def nothing_secret_stored(seen: DeskAndStripe) -> Iterator[str]:
    """No key, client_secret, card number or link's address in any column."""
    engine = seen.world.store.engine
    with engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            rows = connection.execute(text(f'SELECT * FROM "{table}"')).all()
            content = "\n".join(str(value) for row in rows for value in row)
            if "/checkout/cs_" in content:
                yield f"the address of a link in {table}"
            for finding in scan_bytes(content.encode(), table):
                yield f"{finding.kind} in {finding.where}: {finding.text}"


ALL = (
    every_write_has_its_operation,
    nothing_in_the_open,
    nothing_behind_anyones_back,
    every_event_is_handled,
    nothing_left_to_find,
    unpaid_payments_have_ended,
    no_part_broke,
    nothing_secret_stored,
)

"""The money's way to the bank: payouts, what is in them, and every movement of the balance."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime

from cardpay.storage.schema.tables import BalanceTransaction
from tests.faults.invariants.desk_and_stripe import DeskAndStripe, Json
from tests.faults.simulator.unknown_forms import NEW_STATUS


def same_payouts(seen: DeskAndStripe) -> Iterator[str]:
    """Each payout of Stripe's is a row of ours, equal in every field; no other row is there."""
    ours = {
        row.stripe_payout_id: {
            "status": row.status,
            "amount": row.amount_minor,
            "currency": row.currency,
            "automatic": row.is_automatic,
            "method": row.method,
            "arrival_date": row.arrival_at,
            "reconciliation_status": row.reconciliation_status,
            "trace_id": row.trace_id,
            "failure_code": row.failure_code,
            "failure_message": row.failure_message,
            "balance_transaction": row.stripe_balance_transaction_id,
            "failure_balance_transaction": row.stripe_failure_balance_transaction_id,
        }
        for row in seen.payouts
    }
    theirs = {payout_id: _stated(found) for payout_id, found in seen.their_payouts.items()}
    for payout_id in sorted(ours.keys() ^ theirs.keys()):
        yield f"{payout_id} is {'unknown at Stripe' if payout_id in ours else 'not here'}"
    for payout_id in sorted(ours.keys() & theirs.keys()):
        for name, value in theirs[payout_id].items():
            if ours[payout_id][name] != value:
                yield f"{payout_id}: {name} is {ours[payout_id][name]} here and {value} at Stripe"


def _stated(found: Json) -> Json:
    names = (
        *("status", "amount", "currency", "automatic", "method", "reconciliation_status"),
        *("failure_code", "failure_message"),
        *("balance_transaction", "failure_balance_transaction"),
    )
    return {
        **{name: found[name] for name in names},
        "arrival_date": datetime.fromtimestamp(found["arrival_date"], UTC),
        "trace_id": found["trace_id"]["value"],
    }


def payouts_add_up(seen: DeskAndStripe) -> Iterator[str]:
    """What can be itemised is, and what came in is what went out by the payout's own movement."""
    within: dict[str | None, list[BalanceTransaction]] = defaultdict(list)
    for row in seen.balance:
        within[row.stripe_payout_id].append(row)
    for payout_id, found in seen.their_payouts.items():
        inside = within.pop(payout_id, [])
        if found["reconciliation_status"] != "completed":
            if inside:
                yield f"{payout_id} is {found['reconciliation_status']} and itemised here"
        elif found["balance_transaction"] not in {
            row.stripe_balance_transaction_id for row in inside
        }:
            yield f"{payout_id} is itemised without its own transaction"
        elif left := sum(row.net_minor for row in inside):
            yield f"{payout_id} does not add up by {left}"
    within.pop(None, None)
    if within:
        yield f"itemised payouts that Stripe does not have: {sorted(map(str, within))}"


def whole_balance(seen: DeskAndStripe) -> Iterator[str]:
    """Every movement of Stripe's balance is here; `same_fees` compares the amounts."""
    ours = {row.stripe_balance_transaction_id for row in seen.balance}
    for transaction_id, found in seen.their_balance.items():
        if transaction_id not in ours:
            yield f"the {found['type']} {transaction_id} of {found['source']} is not here"


def others_never_back(seen: DeskAndStripe) -> Iterator[str]:
    """What is stored of a dispute or payout follows Stripe's own history, perhaps with gaps."""
    history: dict[str, list[str]] = defaultdict(list)
    for event in reversed(seen.their_events.values()):  # they are listed newest first
        told = event["data"]["object"]
        if told["object"] in {"dispute", "payout"}:
            history[told["id"]].append(told["status"])
    for stripe_id, said in seen.world.store.said_of_others.items():
        place = 0
        for status in said:
            if status == NEW_STATUS:  # how answers told it
                continue
            if status not in history[stripe_id][place:]:
                yield f"{stripe_id} went back to {status}: {said}, {history[stripe_id]}"
                break
            place = history[stripe_id].index(status, place)


ALL = (same_payouts, payouts_add_up, whole_balance, others_never_back)

"""Taking what Stripe states: read what is known, fold, write what has changed.

Every way in ends here: a write's own answer, an event, a retrieve, a page of a list; one statement
or a thousand. Applying is idempotent and happens under the locks of the payments concerned.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, assert_never

from cardpay.domain.access.actor import Actor
from cardpay.domain.stripe_facts.attempt_fold import fold_charge, fold_decline
from cardpay.domain.stripe_facts.known import KnownPayment
from cardpay.domain.stripe_facts.link_fold import fold_checkout_session, is_link_of
from cardpay.domain.stripe_facts.named_objects import payment_intent_of
from cardpay.domain.stripe_facts.payment_fold import (
    asked_for,
    concluded,
    fold_payment_intent,
    payment_id,
    taken_elsewhere,
)
from cardpay.domain.stripe_facts.precedence import Verdict
from cardpay.domain.stripe_facts.settlement_folds import (
    fold_balance_transaction,
    fold_dispute,
    fold_payout,
    fold_refund,
)
from cardpay.domain.stripe_facts.snapshots import (
    BalanceTransactionSnapshot,
    ChargeSnapshot,
    CheckoutSessionSnapshot,
    DisputeSnapshot,
    PaymentErrorSnapshot,
    PaymentIntentSnapshot,
    PayoutSnapshot,
    RefundSnapshot,
)
from cardpay.gateway.errors import ObjectUnreadable
from cardpay.services.desk import Desk
from cardpay.services.stripe_facts.known_rows import KnownRows
from cardpay.services.stripe_facts.record_status_changes import record_status_changes
from cardpay.services.stripe_facts.set_aside import forget_set_aside
from cardpay.storage.database.engine import Duplicate, Session
from cardpay.storage.schema.tables import Payment

# Each is lost to another process that has just stored one of the same objects.
_MOST_TRIES: Final = 5
OF_ANOTHER: Final = "Stripe said before that it belongs to another payment."

Stated = (
    PaymentIntentSnapshot
    | ChargeSnapshot
    | RefundSnapshot
    | DisputeSnapshot
    | BalanceTransactionSnapshot
    | PayoutSnapshot
    | CheckoutSessionSnapshot
)


class Applied(StrEnum):
    """What became of a statement."""

    TAKEN = "taken"
    STALE = "stale"  # its order is not known: ask Stripe again
    UNKNOWN_PAYMENT = "unknown_payment"  # apply its PaymentIntent first
    ASK_LINK = "ask_link"  # it may be of a payment's link: apply its Checkout Session first
    NOT_OURS = "not_ours"  # a Checkout Session of another system's
    OF_ANOTHER = "of_another"  # Stripe said before that another payment has it


@dataclass(frozen=True)
class Fact:
    """What a request that began at `asked_at` stated; None for an event, which nobody asked for.

    `payout_id` is the payout whose balance transactions were listed. `link_asked`: Stripe was
    asked for the Checkout Session of this PaymentIntent, and what it said is applied.
    """

    stated: Stated
    asked_at: datetime | None = None
    payout_id: str | None = None
    link_asked: bool = False


def apply_fact(
    session: Session, desk: Desk, actor: Actor, stated: Stated, *, asked_at: datetime | None
) -> Applied:
    """Take one statement; see `apply_facts`. Raises ObjectUnreadable for one of OF_ANOTHER."""
    applied = apply_facts(session, desk, actor, [Fact(stated, asked_at)])[0]
    if applied is Applied.OF_ANOTHER:
        raise ObjectUnreadable(OF_ANOTHER)
    return applied


def apply_facts(
    session: Session, desk: Desk, actor: Actor, facts: Sequence[Fact]
) -> list[Applied]:
    """Take statements in this order, and say of each what became of it.

    A PaymentIntent that no payment knows is one that was taken elsewhere, and becomes a payment.
    What the database does not take, however often it is tried, is of another payment already: of
    two statements that exclude each other, the first stays, and all others are taken.
    """
    session.flush()  # what the caller has changed is tried once, and raises Duplicate itself
    for _ in range(_MOST_TRIES):
        with suppress(Duplicate):  # another process has just stored one of the new ones
            return _try_to_apply(session, desk, actor, facts)
    if len(facts) == 1:
        return [Applied.OF_ANOTHER]
    half = len(facts) // 2
    return [
        outcome
        for part in (facts[:half], facts[half:])
        for outcome in apply_facts(session, desk, actor, part)
    ]


def _try_to_apply(
    session: Session, desk: Desk, actor: Actor, facts: Sequence[Fact]
) -> list[Applied]:
    rows = KnownRows.read(session, desk.account, [fact.stated for fact in facts], locked=True)
    now = desk.now()
    applied = [_fold(rows, fact, now) for fact in facts]
    rows.write(session, now)
    record_status_changes(session, actor, rows, now)
    forget_set_aside(session, desk, _read_whole(facts, applied))
    return applied


def _read_whole(facts: Sequence[Fact], applied: Sequence[Applied]) -> list[Stated]:
    """What was taken, and what belongs to no payment; what waits for its payment is left out."""
    return [
        fact.stated
        for fact, outcome in zip(facts, applied, strict=True)
        if outcome is Applied.TAKEN
        or (outcome is Applied.UNKNOWN_PAYMENT and payment_intent_of(fact.stated) is None)
    ]


def apply_decline(
    session: Session, desk: Desk, payment: Payment, error: PaymentErrorSnapshot
) -> None:
    """Take why a confirm of the payment failed."""
    rows = KnownRows.of_payment(session, desk.account, payment.id)
    now = desk.now()
    rows.put(concluded(fold_decline(rows.payments[payment.id], error, now), now))
    rows.write(session, now)


def update_derived_fields(session: Session, desk: Desk, payment: Payment) -> None:
    """Update what follows from a payment's operations, attempts and refunds.

    Call it last in every transaction that touches one of these.
    """
    rows = KnownRows.of_payment(session, desk.account, payment.id)
    now = desk.now()
    rows.put(concluded(rows.payments[payment.id], now))
    rows.touch(payment.id)
    rows.write(session, now)


@dataclass(frozen=True)
class Compared:
    """What a statement would change: the names of the fields, none if it says nothing new.

    `ours` is the row of the object itself, None if there is none. `only_attempt` tells that of a
    payment nothing but an attempt differs. `is_busy`: an operation on the payment is open.
    """

    changed: frozenset[str]
    ours: Any = None
    only_attempt: bool = False
    is_busy: bool = False


def compare(session: Session, desk: Desk, facts: Sequence[Fact]) -> list[Compared]:
    """For each statement by itself what it would change; nothing is written."""
    rows = KnownRows.read(session, desk.account, [fact.stated for fact in facts], locked=False)
    return [_compared(rows, fact, desk.now()) for fact in facts]


def _compared(rows: KnownRows, fact: Fact, now: datetime) -> Compared:
    alone = rows.copy()
    applied = _fold(alone, fact, now)
    if applied in {Applied.UNKNOWN_PAYMENT, Applied.ASK_LINK}:
        return Compared(frozenset({"payment_id"}))
    payment = rows.payment_of(fact.stated)
    return Compared(
        alone.differences(),
        ours=rows.row_of(fact.stated),
        only_attempt=alone.only_attempts_differ(),
        is_busy=payment is not None and payment.operations.is_open,
    )


def _fold(rows: KnownRows, fact: Fact, now: datetime) -> Applied:
    stated, asked_at = fact.stated, fact.asked_at
    match stated:
        case DisputeSnapshot():
            return _fold_dispute(rows, stated, asked_at, now)
        case BalanceTransactionSnapshot():
            captured = rows.put_balance_transaction(
                fold_balance_transaction(
                    rows.balance_transactions.get(stated.balance_transaction_id),
                    stated,
                    fact.payout_id,
                )
            )
            if captured is not None:
                _conclude(rows, captured, now)
            return Applied.TAKEN
        case PayoutSnapshot():
            payout, verdict = fold_payout(
                rows.payouts.get(stated.payout_id), stated, asked_at, now
            )
            if verdict is not Verdict.ASK:
                rows.put_payout(payout)
            return Applied.STALE if verdict is Verdict.ASK else Applied.TAKEN
    payment = _payment_of(rows, fact, stated)
    if isinstance(payment, Applied):
        return payment
    match stated:
        case PaymentIntentSnapshot():
            known, verdict = fold_payment_intent(payment, stated, asked_at, now)
        case ChargeSnapshot():
            known, verdict = fold_charge(payment, stated, asked_at, now)
        case RefundSnapshot():
            known, verdict = fold_refund(payment, stated, asked_at, now)
        case CheckoutSessionSnapshot():
            known, verdict = fold_checkout_session(payment, stated, asked_at, now)
        case _:
            assert_never(stated)
    if verdict is Verdict.ASK:
        return Applied.STALE
    _conclude(rows, known, now)
    return Applied.TAKEN


def _conclude(rows: KnownRows, known: KnownPayment, now: datetime) -> None:
    rows.put(concluded(rows.with_captures(known), now))


def _payment_of(
    rows: KnownRows,
    fact: Fact,
    stated: PaymentIntentSnapshot | ChargeSnapshot | RefundSnapshot | CheckoutSessionSnapshot,
) -> KnownPayment | Applied:
    """The payment that a statement is about, or what has to be done before it is known."""
    match stated:
        case PaymentIntentSnapshot():
            return _payment_for(rows, fact, stated)
        case CheckoutSessionSnapshot():
            return _payment_of_session(rows, stated, fact.asked_at)
        case ChargeSnapshot():
            found = rows.payment_with(stated.payment_intent_id, None)
        case RefundSnapshot():
            found = rows.payment_with(stated.payment_intent_id, stated.charge_id)
        case _:
            assert_never(stated)
    return Applied.UNKNOWN_PAYMENT if found is None else found


def _fold_dispute(
    rows: KnownRows, dispute: DisputeSnapshot, asked_at: datetime | None, now: datetime
) -> Applied:
    """One of a Charge without a PaymentIntent is kept, too: it belongs to no payment."""
    disputed = rows.payment_with(dispute.payment_intent_id, dispute.charge_id)
    if disputed is None and dispute.payment_intent_id is not None:
        return Applied.UNKNOWN_PAYMENT
    row, verdict = fold_dispute(
        rows.disputes.get(dispute.dispute_id),
        disputed.payment.id if disputed else None,
        dispute,
        asked_at,
        now,
    )
    if verdict is Verdict.ASK:
        return Applied.STALE
    known = rows.put_dispute(row)
    if known is not None:
        _conclude(rows, known, now)
    return Applied.TAKEN


def _payment_of_session(
    rows: KnownRows, stated: CheckoutSessionSnapshot, asked_at: datetime | None
) -> KnownPayment | Applied:
    """The payment that a Checkout Session is the link of, or why it is not known.

    Before our row knows the Session's id (a create without an answer), what the desk asked for
    tells; an event keeps a part of that only.
    """
    known = rows.payment_of_session(stated.session_id)
    if known is not None:
        return known
    named = rows.payments.get(stated.client_reference_id or "")
    if named is None or named.link is None or named.link.stripe_checkout_session_id is not None:
        return Applied.NOT_OURS
    if asked_at is None:
        return Applied.STALE
    return named if is_link_of(named, stated) else Applied.NOT_OURS


def _payment_for(
    rows: KnownRows, fact: Fact, intent: PaymentIntentSnapshot
) -> KnownPayment | Applied:
    """The payment of a PaymentIntent; STALE if Stripe has to be asked for the whole of it.

    ASK_LINK if it names a payment with a link, whose PaymentIntent only the link's Checkout
    Session can tell: what others copied names it as well.

    Before our row knows the PaymentIntent's id (a create without an answer), the metadata names
    the payment. Metadata is copied and edited, so all of it has to be what the desk asked for,
    and an event keeps a part of it only. A second PaymentIntent of one payment comes from a create
    that was abandoned: it is the desk's, claims no order, and recovery cancels it.
    """
    known = rows.payment_with(intent.payment_intent_id, None)
    if known is not None:
        return known
    its_id = payment_id(intent.payment_intent_id)
    known = rows.payments.get(its_id) or taken_elsewhere(intent)
    named = rows.payments.get(intent.metadata.get("payment_id", ""))
    if named is not None and named.link is not None:
        may_be_its = its_id not in rows.payments and named.payment.stripe_payment_intent_id is None
        return Applied.ASK_LINK if may_be_its and not fact.link_asked else known
    asked = asked_for(named, intent) if named is not None else ()
    if named is None or not asked:
        return known
    if fact.asked_at is None:
        return Applied.STALE
    if not any(one.metadata.items() <= intent.metadata.items() for one in asked):
        return known
    wanted = (named.payment.amount_minor, named.payment.currency)
    is_first = named.payment.stripe_payment_intent_id is None
    if is_first and wanted == (intent.amount_minor, intent.currency):
        return named
    return replace(known, payment=replace(known.payment, taken_at_desk=True))

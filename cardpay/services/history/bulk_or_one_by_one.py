"""Storing whole pages of Stripe's objects.

The result is the same as that of applying each (`payment_facts`, `settlement_facts`). What is new
and plain is written in bulk; all else (a payment of the desk's own, a decline with its reasons, a
hold, anything that differs from what is stored) is applied one by one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from cardpay.domain.access.actor import Actor
from cardpay.domain.payment.attempt import SETTLED_ATTEMPTS, AttemptOutcome
from cardpay.domain.payment.status import PaymentStatus
from cardpay.domain.stripe_facts.snapshots import (
    BalanceTransactionSnapshot,
    ChargeSnapshot,
    DisputeSnapshot,
    PaymentIntentSnapshot,
    RefundSnapshot,
)
from cardpay.services.desk import Desk
from cardpay.services.history import rows_of_new_objects as rows
from cardpay.services.stripe_facts import payment_facts, settlement_facts
from cardpay.services.stripe_facts.attempt_facts import outcome_of_charge
from cardpay.storage.database.engine import Session
from cardpay.storage.history import bulk_import

T = TypeVar("T")

# Settled, and replaced all the same by what the Charge says.
_REPLACED = frozenset({AttemptOutcome.NOT_CHARGED, AttemptOutcome.REFUSED})


@dataclass(frozen=True)
class PageImport:
    """Pages of one list, in one transaction. `asked_at` is when the first request began."""

    session: Session
    desk: Desk
    actor: Actor
    asked_at: datetime

    def payment_intents(self, found: Sequence[PaymentIntentSnapshot]) -> None:
        """Their payments; the Charges come by themselves."""
        found = _each_once(found, "payment_intent_id")
        stored = bulk_import.payments(
            self.session, account(self.desk), (intent.payment_intent_id for intent in found)
        )
        new = []
        declined = []
        for intent in found:
            row = stored.get(intent.payment_intent_id)
            if row is None and _is_plain(intent):
                new.append(payment := rows.payment_row(self.desk, intent))
                if intent.last_error is not None and intent.last_error.charge_id is not None:
                    declined.append(rows.declined_row(self.desk, payment, intent.last_error))
            elif row is None or payment_differs(row, intent):
                payment_facts.apply_intent(
                    self.session, self.desk, self.actor, intent, asked_at=self.asked_at
                )
        bulk_import.add_payments(self.session, new)
        bulk_import.put_attempts(self.session, declined)

    def charges(self, found: Sequence[ChargeSnapshot]) -> None:
        """The attempts of payments, and what the payments' rows show of them."""
        charges: dict[str, list[ChargeSnapshot]] = {}
        for charge in _each_once(found, "charge_id"):
            if charge.payment_intent_id is not None:
                charges.setdefault(charge.payment_intent_id, []).append(charge)
        payments = bulk_import.payments(self.session, account(self.desk), charges)
        attempts = bulk_import.attempts(
            self.session, (payment.id for payment in payments.values())
        )
        new: list[Mapping[str, Any]] = []
        derived = []
        for intent_id, payment in payments.items():
            stored = attempts.get(payment.id, [])
            by_charge: dict[str | None, Mapping[str, Any]] = {
                attempt["stripe_charge_id"]: attempt for attempt in stored
            }
            news = [
                charge
                for charge in charges[intent_id]
                if attempt_differs(by_charge.get(charge.charge_id), charge)
            ]
            if not news:
                continue
            plain = (
                not (payment.taken_at_desk or payment.is_busy)
                and all(is_settled(attempt) for attempt in stored)
                and all(outcome_of_charge(charge) in SETTLED_ATTEMPTS for charge in news)
            )
            if plain:
                for charge in news:
                    old = by_charge.get(charge.charge_id)
                    row = rows.attempt_row(self.desk, payment.id, charge, old or rows.NO_ATTEMPT)
                    by_charge[charge.charge_id] = row
                    new.append(row)
                derived.append(rows.derived_columns(self.desk, payment, [*by_charge.values()]))
            else:
                for charge in news:
                    payment_facts.apply_charge(self.session, self.desk, charge)
        bulk_import.put_attempts(self.session, new)
        bulk_import.update_payments(self.session, derived)

    def refunds(self, found: Sequence[RefundSnapshot]) -> None:
        """Refunds, and how much of each payment they leave."""
        found = _each_once(found, "refund_id")
        intent_ids = {refund.payment_intent_id for refund in found if refund.payment_intent_id}
        payments = bulk_import.payments(self.session, account(self.desk), intent_ids)
        stored = bulk_import.statuses_of_refunds(
            self.session, account(self.desk), (refund.refund_id for refund in found)
        )
        new = []
        for refund in found:
            payment = payments.get(refund.payment_intent_id or "")
            known = stored.get(refund.refund_id)
            ours = settlement_facts.REFUND_ID in refund.metadata
            if known is None and payment and not payment.taken_at_desk and not ours:
                new.append(rows.refund_row(self.desk, payment.id, refund))
            elif known != (refund.status, refund.balance_transaction_id):
                settlement_facts.apply_refund(
                    self.session, self.desk, self.actor, refund, asked_at=self.asked_at
                )
        bulk_import.add_refunds(self.session, new)

    def disputes(self, found: Sequence[DisputeSnapshot]) -> None:
        """Disputes: few enough to be applied one by one."""
        found = _each_once(found, "dispute_id")
        stored = bulk_import.statuses_of_disputes(
            self.session, account(self.desk), (dispute.dispute_id for dispute in found)
        )
        for dispute in found:
            if stored.get(dispute.dispute_id) != dispute.status:
                settlement_facts.apply_dispute(
                    self.session, self.desk, self.actor, dispute, asked_at=self.asked_at
                )

    def balance_transactions(self, found: Sequence[BalanceTransactionSnapshot]) -> None:
        """What the Stripe balance says; it is joined to its source by id."""
        found = _each_once(found, "balance_transaction_id")
        new = [settlement_facts.balance_transaction_row(self.desk, one) for one in found]
        bulk_import.add_balance_transactions(self.session, new)


def _each_once(found: Sequence[T], its_id: str) -> list[T]:
    """The last of each id: two threads may ask alike, and no statement changes a row twice."""
    return [*{getattr(one, its_id): one for one in found}.values()]


def payment_differs(row: Any, intent: PaymentIntentSnapshot) -> bool:
    """Whether a PaymentIntent says something that the stored payment does not."""
    return bool(
        row.status != intent.status
        or row.amount_received_minor != intent.amount_received_minor
        or row.amount_capturable_minor != intent.amount_capturable_minor
        or (intent.latest_charge_id or row.latest_charge_id) != row.latest_charge_id
        or (not row.taken_at_desk and row.amount_minor != intent.amount_minor)
    )


def attempt_differs(attempt: Mapping[str, Any] | None, charge: ChargeSnapshot) -> bool:
    """Whether a Charge says something that its stored attempt does not.

    An attempt known by a decline alone was given the time of that news. What was concluded
    from the payment's end (`NOT_CHARGED`) is replaced by an end of the Charge's own only, and
    `REFUSED` by whatever the Charge says.
    """
    if attempt is None:
        return True
    old, new = attempt["outcome"], outcome_of_charge(charge)
    moves = (
        new is not old
        if old not in SETTLED_ATTEMPTS or old is AttemptOutcome.REFUSED
        else (old is AttemptOutcome.NOT_CHARGED and new in SETTLED_ATTEMPTS)
    )
    misdated = attempt["operation_id"] is None and attempt["created_at"] != charge.created_at
    return moves or misdated


def account(desk: Desk) -> tuple[str, bool]:
    """The id and livemode of the account whose rows these are."""
    return desk.account.stripe_account_id, desk.account.livemode


def is_settled(attempt: Mapping[str, Any]) -> bool:
    """Whether a stored attempt, which has a Charge, can change no more."""
    return (
        attempt["stripe_charge_id"] is not None
        and attempt["outcome"] in SETTLED_ATTEMPTS
        and attempt["outcome"] not in _REPLACED
    )


def _is_plain(intent: PaymentIntentSnapshot) -> bool:
    """Not a payment that the desk may have begun, nor one that waits for its cardholder."""
    return (
        intent.status is not PaymentStatus.REQUIRES_ACTION and "payment_id" not in intent.metadata
    )

"""The rows that statements are about: read at once, changed in memory, written at once."""

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from cardpay.domain.stripe_account import StripeAccount
from cardpay.domain.stripe_facts.field_rules import PAYMENT, Follows
from cardpay.domain.stripe_facts.known import (
    AttemptFields,
    BalanceTransactionFields,
    DisputeFields,
    KnownPayment,
    Operations,
    PaymentFields,
    PayoutFields,
)
from cardpay.domain.stripe_facts.named_objects import payment_intent_of
from cardpay.domain.stripe_facts.payment_fold import payment_id
from cardpay.domain.stripe_facts.settlement_folds import is_capture
from cardpay.domain.stripe_facts.snapshots import (
    BalanceTransactionSnapshot,
    ChargeSnapshot,
    CheckoutSessionSnapshot,
    DisputeSnapshot,
    PaymentIntentSnapshot,
    PayoutSnapshot,
    RefundSnapshot,
)
from cardpay.storage.database.engine import Session
from cardpay.storage.stripe_facts import read_known, write_known
from cardpay.storage.stripe_facts.write_known import Known, changed_columns

# When something was applied tells nothing about what Stripe said.
_OWN_TIMES = frozenset({"status_as_of", "settled_at"})
# Each of Stripe's objects has one row.
_IDS = frozenset(
    {
        "stripe_payment_intent_id",
        "stripe_charge_id",
        "stripe_refund_id",
        "stripe_checkout_session_id",
    }
)


@dataclass
class KnownRows:
    """What is known, by Stripe's ids; payments by ours. `stored` is what the database holds."""

    account: StripeAccount
    payments: dict[str, KnownPayment] = field(default_factory=dict)
    disputes: dict[str, DisputeFields] = field(default_factory=dict)
    balance_transactions: dict[str, BalanceTransactionFields] = field(default_factory=dict)
    payouts: dict[str, PayoutFields] = field(default_factory=dict)
    stored: dict[tuple[type[Any], str], Known] = field(default_factory=dict)
    _of_intent: dict[str, str] = field(default_factory=dict)
    _of_charge: dict[str, str] = field(default_factory=dict)
    _of_session: dict[str, str] = field(default_factory=dict)
    _captured_at: dict[str, datetime] = field(default_factory=dict)
    _current: dict[tuple[type[Any], str], Known] = field(default_factory=dict)
    _touched: set[str] = field(default_factory=set)

    @classmethod
    def read(
        cls, session: Session, account: StripeAccount, stated: Sequence[Any], *, locked: bool
    ) -> "KnownRows":
        """Read all that these statements may be about; with `locked`, lock its payments."""
        session.flush()
        rows = cls(account)
        asked = _AskedFor.of(stated)
        whose = account.key
        rows._of_charge = read_known.payments_of_charges(session, whose, asked.charges)
        rows._of_session = read_known.payments_of_sessions(session, whose, asked.sessions)
        found = read_known.payments_of_intents(session, whose, asked.intents, locked=locked)
        known = {one.stripe_payment_intent_id for one in found}
        named = {
            named
            for intent_id, named_ids in asked.named.items()
            if intent_id not in known
            for named in named_ids
        }
        named |= {*rows._of_charge.values(), *rows._of_session.values(), *asked.named_by_sessions}
        named.update(read_known.holds_of_charges(session, whose, asked.taken_in))
        named -= {one.id for one in found}
        found += read_known.payments(session, named, locked=locked)
        rows._add_payments(session, found)
        for dispute in read_known.disputes(session, whose, asked.disputes):
            rows._add_dispute(dispute)
        for transaction in read_known.balance_transactions(session, whose, asked.transactions):
            rows.balance_transactions[transaction.stripe_balance_transaction_id] = transaction
            rows._store(transaction)
        for payout in read_known.payouts(session, whose, asked.payouts):
            rows.payouts[payout.stripe_payout_id] = payout
            rows._store(payout)
        rows._read_captures(session, stated)
        return rows

    @classmethod
    def of_payment(cls, session: Session, account: StripeAccount, payment_id: str) -> "KnownRows":
        """Read one payment, which is locked."""
        session.flush()
        rows = cls(account)
        rows._add_payments(session, read_known.payments(session, [payment_id], locked=True))
        return rows

    def _add_payments(self, session: Session, found: Sequence[PaymentFields]) -> None:
        ids = [one.id for one in found]
        attempts = read_known.attempts(session, ids)
        refunds = read_known.refunds(session, ids)
        disputes = read_known.disputes_of(session, ids)
        links = read_known.links(session, ids)
        operations = read_known.operations(session, ids)
        for one in found:
            known = KnownPayment(
                one,
                tuple(attempts.get(one.id, ())),
                tuple(refunds.get(one.id, ())),
                tuple(disputes.get(one.id, ())),
                operations.get(one.id, Operations()),
                links.get(one.id),
            )
            self.payments[one.id] = known
            if one.stripe_payment_intent_id is not None:
                self._of_intent[one.stripe_payment_intent_id] = one.id
            self._store(one)
            for attempt in known.attempts:
                self._store(attempt)
            for refund in known.refunds:
                self._store(refund)
            for dispute in known.disputes:
                self._add_dispute(dispute)
            if known.link is not None:
                self._store(known.link)
                if known.link.stripe_checkout_session_id is not None:
                    self._of_session[known.link.stripe_checkout_session_id] = one.id

    def _read_captures(self, session: Session, stated: Iterable[Any]) -> None:
        """Read when the balance took in the Charges of holds, known ones and those in `stated`."""
        for known in [one for one in self.payments.values() if one.is_hold]:
            for attempt in known.attempts:
                if attempt.stripe_charge_id is not None:
                    self._of_charge.setdefault(attempt.stripe_charge_id, known.payment.id)
        charges = set(self._of_charge)
        for one in stated:
            match one:
                case PaymentIntentSnapshot() if one.capture_method == "manual":
                    charges.add(one.latest_charge_id or "")
                case ChargeSnapshot():
                    of_it = self.payment_with(one.payment_intent_id, None)
                    if of_it is None or of_it.is_hold:
                        charges.add(one.charge_id)
        self._captured_at = read_known.captured_at(session, self.account.key, charges)

    def with_captures(self, known: KnownPayment) -> KnownPayment:
        """The payment with what is known of when its Charges were captured, if it was held."""
        if not known.is_hold:
            return known
        charges = (one.stripe_charge_id or "" for one in known.attempts)
        times = {one: self._captured_at[one] for one in charges if one in self._captured_at}
        return replace(known, captured_at=times)

    def _add_dispute(self, dispute: DisputeFields) -> None:
        self.disputes[dispute.stripe_dispute_id] = dispute
        self._store(dispute)

    def _store(self, row: Known) -> None:
        self.stored[type(row), row.id] = row

    def copy(self) -> "KnownRows":
        """The same rows, to be changed apart from these."""
        return KnownRows(
            self.account,
            dict(self.payments),
            dict(self.disputes),
            dict(self.balance_transactions),
            dict(self.payouts),
            self.stored,
            dict(self._of_intent),
            self._of_charge,
            dict(self._of_session),
            dict(self._captured_at),
        )

    def payment_with(
        self, payment_intent_id: str | None, charge_id: str | None
    ) -> KnownPayment | None:
        """The payment of a PaymentIntent; by the Charge where there is no PaymentIntent."""
        if payment_intent_id is not None:
            its_id = self._of_intent.get(payment_intent_id)
        else:
            its_id = self._of_charge.get(charge_id) if charge_id else None
        return self.payments.get(its_id) if its_id else None

    def payment_of_session(self, session_id: str) -> KnownPayment | None:
        """The payment that a Checkout Session is the link of."""
        its_id = self._of_session.get(session_id)
        return self.payments.get(its_id) if its_id else None

    def put(self, known: KnownPayment) -> None:
        """The payment as it is known now."""
        before = self.payments.get(known.payment.id)
        self.payments[known.payment.id] = known
        if known.payment.stripe_payment_intent_id is not None:
            self._of_intent[known.payment.stripe_payment_intent_id] = known.payment.id
        self._change(known.payment)
        if before is None or before.attempts is not known.attempts:
            for attempt in known.attempts:
                self._change(attempt)
                if attempt.stripe_charge_id is not None:
                    self._of_charge.setdefault(attempt.stripe_charge_id, known.payment.id)
        if before is None or before.refunds is not known.refunds:
            for refund in known.refunds:
                self._change(refund)
        if known.link is not None:
            self._change(known.link)
            if known.link.stripe_checkout_session_id is not None:
                self._of_session[known.link.stripe_checkout_session_id] = known.payment.id

    def put_dispute(self, dispute: DisputeFields) -> KnownPayment | None:
        """The dispute as it is known now; returns its payment with it, to be concluded and put."""
        self.disputes[dispute.stripe_dispute_id] = dispute
        self._change(dispute)
        known = self.payments.get(dispute.payment_id) if dispute.payment_id else None
        if known is None:
            return None
        others = (one for one in known.disputes if one.id != dispute.id)
        return replace(known, disputes=(*others, dispute))

    def put_balance_transaction(
        self, transaction: BalanceTransactionFields
    ) -> KnownPayment | None:
        """The balance transaction as it is known now.

        Returns the payment, if it is a capture of one, to be concluded and put.
        """
        self.balance_transactions[transaction.stripe_balance_transaction_id] = transaction
        self._change(transaction)
        source_id, at = transaction.stripe_source_id, transaction.created_at
        if source_id is None or not is_capture(transaction):
            return None
        self._captured_at[source_id] = min(self._captured_at.get(source_id, at), at)
        return self.payment_with(None, source_id)

    def put_payout(self, payout: PayoutFields) -> None:
        """The payout as it is known now."""
        self.payouts[payout.stripe_payout_id] = payout
        self._change(payout)

    def touch(self, payment_id: str) -> None:
        """Set the payment's `updated_at`, whatever else has changed."""
        self._touched.add(payment_id)

    def _change(self, row: Known) -> None:
        self._current[type(row), row.id] = row

    def new(self) -> list[Known]:
        """The rows that the database does not hold."""
        return [row for key, row in self._current.items() if key not in self.stored]

    def changed(self) -> list[tuple[Known, dict[str, Any]]]:
        """The other rows, and the columns of each that have changed; those without any are out."""
        found = []
        for key, row in self._current.items():
            before = self.stored.get(key)
            if before is None or before is row:
                continue
            columns = changed_columns(before, row)
            if columns:
                found.append((row, columns))
        return found

    def differences(self) -> frozenset[str]:
        """The names of all fields that have changed, without our own times."""
        named = {one.name for row in self.new() for one in fields(row)}
        named |= {name for _, columns in self.changed() for name in columns}
        return frozenset(named - _OWN_TIMES)

    def only_attempts_differ(self) -> bool:
        """Whether all that has changed is an attempt, and what follows from it."""
        others = {type(row) for row in self.new()} - {AttemptFields}
        stated = {
            name
            for row, columns in self.changed()
            for name in columns
            if not isinstance(row, AttemptFields) and name not in _OWN_TIMES
            if PAYMENT.get(name) is not Follows.CONCLUDED
        }
        return not others and not stated

    def payment_of(self, stated: Any) -> KnownPayment | None:
        """The payment that a statement is about."""
        if isinstance(stated, CheckoutSessionSnapshot):
            return self.payment_of_session(stated.session_id)
        charge_id = getattr(stated, "charge_id", None)
        return self.payment_with(payment_intent_of(stated), charge_id)

    def row_of(self, stated: Any) -> Known | None:
        """The row of the object that a statement is about; None if there is none."""
        match stated:
            case DisputeSnapshot():
                return self.disputes.get(stated.dispute_id)
            case PayoutSnapshot():
                return self.payouts.get(stated.payout_id)
        payment = self.payment_of(stated)
        if payment is not None and isinstance(stated, CheckoutSessionSnapshot):
            return payment.link
        if payment is None or not isinstance(stated, RefundSnapshot):
            return payment.payment if payment else None
        of_it = (one for one in payment.refunds if one.stripe_refund_id == stated.refund_id)
        return next(of_it, None)

    def write(self, session: Session, now: datetime) -> None:
        """Write what has changed. Objects of the session are read anew when next used.

        A payment's `updated_at` follows its attempts, too: screens watch it, and show them.
        Raises Duplicate, and then has written nothing, if another row has one of Stripe's ids.
        """
        new, changed = self.new(), self.changed()
        written = {row.id for row, _ in changed}
        for row, _ in changed:
            if isinstance(row, AttemptFields):
                self.touch(row.payment_id)
        touched = [self.payments[one].payment for one in self._touched if one not in written]
        if new or changed or touched:
            every: list[tuple[Known, dict[str, Any]]] = [*changed, *((one, {}) for one in touched)]
            names_ids = bool(new) or any(_IDS & columns.keys() for _, columns in changed)
            with session.begin_nested() if names_ids else nullcontext():
                write_known.write(session, self.account.key, now, new, every)
            write_known.forget_objects(session)


@dataclass
class _AskedFor:
    """The ids that statements mention."""

    intents: set[str] = field(default_factory=set)
    named: dict[str, set[str]] = field(default_factory=dict)
    charges: set[str] = field(default_factory=set)
    sessions: set[str] = field(default_factory=set)
    named_by_sessions: set[str] = field(default_factory=set)
    disputes: set[str] = field(default_factory=set)
    transactions: set[str] = field(default_factory=set)
    taken_in: set[str] = field(default_factory=set)
    payouts: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, stated: Iterable[Any]) -> "_AskedFor":
        asked = cls()
        for one in stated:
            match one:
                case PaymentIntentSnapshot():
                    asked.intents.add(one.payment_intent_id)
                    ids = {payment_id(one.payment_intent_id), one.metadata.get("payment_id", "")}
                    asked.named[one.payment_intent_id] = ids - {""}
                case ChargeSnapshot():
                    asked._belonging(one.payment_intent_id, None)
                case RefundSnapshot() | DisputeSnapshot():
                    asked._belonging(one.payment_intent_id, one.charge_id)
                    if isinstance(one, DisputeSnapshot):
                        asked.disputes.add(one.dispute_id)
                case BalanceTransactionSnapshot():
                    asked.transactions.add(one.balance_transaction_id)
                    if is_capture(one) and one.source_id is not None:
                        asked.taken_in.add(one.source_id)
                case CheckoutSessionSnapshot():
                    asked.sessions.add(one.session_id)
                    asked.named_by_sessions |= {one.client_reference_id or ""} - {""}
                    if one.payment_intent_id is not None:
                        asked.intents.add(one.payment_intent_id)
                case PayoutSnapshot():
                    asked.payouts.add(one.payout_id)
        return asked

    def _belonging(self, payment_intent_id: str | None, charge_id: str | None) -> None:
        if payment_intent_id is not None:
            self.intents.add(payment_intent_id)
        elif charge_id is not None:
            self.charges.add(charge_id)

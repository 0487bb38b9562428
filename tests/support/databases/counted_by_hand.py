"""Totals counted row by row, in plain Python: what the queries have to give."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from cardpay.domain.business_days import Days
from cardpay.domain.payment.display_status import PAID
from cardpay.domain.payment.refund import RefundStatus, is_release
from cardpay.domain.payment.totals import Split, Totals
from cardpay.storage.schema.tables import (
    BalanceTransaction,
    Dispute,
    Payment,
    PaymentAttempt,
    Refund,
)

Found = dict[tuple[str, str], Totals]
"""By currency and value."""


@dataclass(frozen=True)
class _Fact:
    at: datetime | None
    currency: str
    payment: Payment | None
    totals: Totals
    own: Mapping[Split, str | None] = field(default_factory=dict)
    settled_in: str = ""  # the only currency of its balance transactions
    settled: Totals | None = None  # the same in that currency


class CountedByHand:
    """All rows of a database, as they were when they were read."""

    def __init__(self, session: Session) -> None:
        self.payments = {one.id: one for one in session.exec(select(Payment))}
        self.attempts = session.exec(select(PaymentAttempt)).all()
        self.refunds = session.exec(select(Refund)).all()
        self.disputes = session.exec(select(Dispute)).all()
        self.moved = session.exec(select(BalanceTransaction)).all()
        self._of_charge = {one.stripe_charge_id: one for one in self.attempts}
        self._facts = [
            *self._paid_and_tried(),
            *self._attempts(),
            *self._refunds_and_disputes(),
            *self._moved(),
        ]

    def totals(self, days: Days, zone: ZoneInfo, split: Split) -> Found:
        """Of these days, without lines of nothing."""
        found: defaultdict[tuple[str, str], Totals] = defaultdict(Totals)
        for fact, value in self._of(days, zone, split):
            found[fact.currency, value] += fact.totals
        return {key: totals for key, totals in found.items() if totals != Totals()}

    def settled(self, days: Days, zone: ZoneInfo, split: Split, currency: str) -> Found:
        """Of all currencies in this one of the balance: what settled in it, and all tries."""
        found: defaultdict[tuple[str, str], Totals] = defaultdict(Totals)
        for fact, value in self._of(days, zone, split):
            if fact.settled is None:
                found[currency, value] += fact.totals
            elif fact.settled_in == currency:
                found[currency, value] += fact.settled
        return {key: totals for key, totals in found.items() if totals != Totals()}

    def left_out(self, days: Days, zone: ZoneInfo, currency: str) -> Found:
        """By currency what did not settle in this one: in the currency that was paid in."""
        found: defaultdict[tuple[str, str], Totals] = defaultdict(Totals)
        for fact, value in self._of(days, zone, Split.NOTHING):
            if fact.settled is not None and fact.settled_in != currency:
                found[fact.currency, value] += fact.totals
        return found

    def _of(self, days: Days, zone: ZoneInfo, split: Split) -> Iterator[tuple[_Fact, str]]:
        begins_at, ended_at = days.bounds(zone)
        assert begins_at
        assert ended_at
        for fact in self._facts:
            if fact.at is not None and begins_at <= fact.at < ended_at:
                value = self._values(fact, fact.at.astimezone(zone)).get(split)
                if value is not None:
                    yield fact, value

    def _settled(self, moved: Iterable[BalanceTransaction]) -> tuple[str, int]:
        """In which currency they settled, if that is one, and how much of it they moved."""
        found = list(moved)
        currencies = {one.currency for one in found}
        if len(currencies) != 1:
            return "", 0
        return currencies.pop(), sum(one.gross_minor for one in found)

    def _charge_moved(self, payment: Payment) -> list[BalanceTransaction]:
        charges = {one.stripe_charge_id for one in self.attempts if one.payment_id == payment.id}
        backs = {one.stripe_failure_balance_transaction_id for one in self.refunds}
        return [
            one
            for one in self.moved
            if one.stripe_source_id in charges - {None}
            and one.stripe_balance_transaction_id not in backs
        ]

    def _went_out(self, stripe_id: str | None) -> list[BalanceTransaction]:
        return [
            one
            for one in self.moved
            if one.stripe_source_id == stripe_id is not None and one.gross_minor < 0
        ]

    def _values(self, fact: _Fact, local: datetime) -> dict[Split, str]:
        if Split.SETTLED in fact.own:
            return {Split.SETTLED: fact.own[Split.SETTLED] or ""}
        payment = fact.payment
        charge = self._of_charge.get(payment.latest_charge_id) if payment else None
        values = {
            Split.PRODUCT: payment and payment.product_name,
            Split.TAKEN_BY: payment and payment.taken_by,
            Split.BRAND: payment and payment.card_brand,
            Split.METHOD: payment and payment.payment_method_type,
            Split.COUNTRY: charge and charge.card_country,
            Split.HOUR: f"{local.isoweekday()}-{local.hour:02}",
            Split.REASON: "",
            Split.NOTHING: "",
            **fact.own,
        }
        return {split: value or "" for split, value in values.items()}

    def _paid_and_tried(self) -> Iterator[_Fact]:
        tried = defaultdict(list)
        for attempt in filter(_ended, self.attempts):
            tried[attempt.payment_id].append(attempt)
        for payment in self.payments.values():
            if payment.display_status in PAID:
                of_it = Totals(payments=1, volume_minor=payment.amount_received_minor)
                code, amount = self._settled(self._charge_moved(payment))
                yield _Fact(
                    payment.succeeded_at,
                    payment.currency,
                    payment,
                    of_it,
                    settled_in=code,
                    settled=replace(of_it, volume_minor=amount),
                )
            if its_own := tried[payment.id]:
                good = any(map(_accepted, its_own))
                bad = not all(map(_accepted, its_own))
                cards = {one.card_fingerprint or one.card_last4 for one in its_own}
                saved = good and bad and len(cards) > 1
                of_it = Totals(tried=1, accepted=good, declined=bad, saved=saved)
                yield _Fact(payment.created_at, payment.currency, payment, of_it)

    def _attempts(self) -> Iterator[_Fact]:
        for one in filter(_ended, self.attempts):
            reason = f"{one.decline_code or ''}/{one.failure_code or ''}"
            own = {
                Split.BRAND: one.card_brand,
                Split.METHOD: one.method_type,
                Split.COUNTRY: one.card_country,
                Split.REASON: "" if _accepted(one) else reason,
            }
            of_it = Totals(attempts=1, attempts_accepted=_accepted(one))
            payment = self.payments[one.payment_id]
            yield _Fact(one.created_at, one.currency, payment, of_it, own)

    def _refunds_and_disputes(self) -> Iterator[_Fact]:
        for one in self.refunds:
            payment = self.payments[one.payment_id]
            stands = one.status not in {None, RefundStatus.FAILED, RefundStatus.CANCELED}
            released = is_release(one, payment.amount_minor, payment.amount_received_minor)
            if stands and not released:
                of_it = Totals(refunds=1, refunded_minor=one.amount_minor)
                code, amount = self._settled(self._went_out(one.stripe_refund_id))
                yield _Fact(
                    one.created_at,
                    one.currency,
                    payment,
                    of_it,
                    settled_in=code,
                    settled=replace(of_it, refunded_minor=-amount),
                )
        for dispute in self.disputes:
            of_it = Totals(disputes=1, disputed_minor=dispute.amount_minor)
            of = self.payments.get(dispute.payment_id or "")
            code, amount = self._settled(self._went_out(dispute.stripe_dispute_id))
            yield _Fact(
                dispute.created_at,
                dispute.currency,
                of,
                of_it,
                settled_in=code,
                settled=replace(of_it, disputed_minor=-amount),
            )

    def _moved(self) -> Iterator[_Fact]:
        whose = {one.stripe_charge_id: one.payment_id for one in self.attempts}
        for refund in self.refunds:
            whose[refund.stripe_refund_id] = refund.payment_id
            whose[refund.stripe_failure_balance_transaction_id] = refund.payment_id
        for dispute in self.disputes:
            whose[dispute.stripe_dispute_id] = dispute.payment_id or ""
        for one in self.moved:
            names = (one.stripe_balance_transaction_id, one.stripe_source_id)
            payment = next((self.payments[whose[name]] for name in names if whose.get(name)), None)
            if payment and payment.display_status in PAID:
                of_it = Totals(fee_minor=one.fee_minor, net_minor=one.net_minor)
                own = {Split.SETTLED: one.currency}
                code, _ = self._settled(self._charge_moved(payment))
                yield _Fact(
                    payment.succeeded_at, payment.currency, payment, of_it, own, code, of_it
                )


def _ended(attempt: PaymentAttempt) -> bool:
    return attempt.outcome in {"succeeded", "authorised", "declined", "authentication_failed"}


def _accepted(attempt: PaymentAttempt) -> bool:
    return attempt.outcome in {"succeeded", "authorised"}

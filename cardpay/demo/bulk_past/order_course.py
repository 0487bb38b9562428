"""What became of a planned order until a moment: each card's outcome, and the money since."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Final

from cardpay.demo.plan.made_up_people import SUPERVISORS
from cardpay.demo.plan.planned_orders import PlannedDispute, PlannedOrder
from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.domain.payment.dispute import DisputeStatus
from cardpay.domain.payment.expiry_rules import UNPAID_LIFETIME
from cardpay.domain.payment.refund import RefundStatus
from cardpay.domain.payment.status import CancellationCause, PaymentStatus
from cardpay.sandbox.hold_period import HOLD_DAYS
from cardpay.sandbox.stripe_test_cards import BY_NAME, TestCard

_HOLD: Final = timedelta(days=HOLD_DAYS)
_ANSWER_DUE: Final = timedelta(days=9)
_ANSWERED_AFTER: Final = timedelta(days=5)
_DECIDED_AFTER: Final = timedelta(days=38)
_REFUND_FAILS_AFTER: Final = timedelta(days=2, hours=3)
_BY_LINK: Final = 0.05
_ELSEWHERE: Final = 0.08  # those by link among them
_REFUNDS_THAT_FAIL: Final = 0.015


class Way(StrEnum):
    """How an order came to be paid."""

    CARD = "card"
    LINK = "link"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Tried:
    """A card that was tried."""

    at: datetime
    card: TestCard
    outcome: AttemptOutcome


@dataclass(frozen=True, slots=True)
class Refunded:
    """`failed_at` is when the bank sent the money back, if it did."""

    at: datetime
    amount_minor: int
    status: RefundStatus
    failed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Disputed:
    """`changed_at` is when it came to its status."""

    at: datetime
    evidence_due_at: datetime
    reason: str
    status: DisputeStatus
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Course:
    """An order as the books know it. Amounts are in the minor unit of its currency."""

    order: PlannedOrder
    chance: Random
    way: Way
    tried: tuple[Tried, ...]
    status: PaymentStatus
    changed_at: datetime
    captured_at: datetime | None = None
    captured_by: str = ""
    cause: CancellationCause | None = None
    refund: Refunded | None = None
    dispute: Disputed | None = None

    @property
    def received_minor(self) -> int:
        """What was charged."""
        if self.status is not PaymentStatus.SUCCEEDED:
            return 0
        return self.order.amount_minor * self.order.captured_per_cent // 100

    @property
    def capturable_minor(self) -> int:
        """What is held."""
        held = self.status is PaymentStatus.REQUIRES_CAPTURE
        return self.order.amount_minor if held else 0

    @property
    def paid_at(self) -> datetime:
        """When the money was taken, if it was: of a hold, when it was captured."""
        return self.captured_at or self.last_at

    @property
    def last_at(self) -> datetime:
        """When the last card was tried."""
        return self.tried[-1].at


def course_of(order: PlannedOrder, until: datetime) -> Course:
    """What became of an order that was taken before `until`."""
    chance = order.chance
    way = _way(chance, order)
    tried, at = [], order.at
    for name in order.cards:
        at += timedelta(seconds=chance.randint(25, 110) * (40 if way is Way.LINK else 1))
        card = BY_NAME[name]
        outcome = AttemptOutcome.DECLINED if card.decline else AttemptOutcome.SUCCEEDED
        tried.append(Tried(at, card, outcome))
    if order.is_challenged:
        at += timedelta(seconds=chance.randint(12, 50))
        tried[-1] = replace(tried[-1], at=at)
    course = Course(order, chance, way, tuple(tried), PaymentStatus.SUCCEEDED, at)
    if order.gives_up or order.is_left:
        return _unpaid(course, until)
    if order.is_held:
        return _held(course, until)
    return _afterwards(course, until)


def _way(chance: Random, order: PlannedOrder) -> Way:
    """Only what is paid at once is paid by link or elsewhere."""
    luck = chance.random()
    if len(order.cards) > 1 or order.gives_up or order.is_left or order.is_held:
        return Way.CARD
    if luck < _BY_LINK:
        return Way.LINK
    return Way.ELSEWHERE if luck < _ELSEWHERE else Way.CARD


def _unpaid(course: Course, until: datetime) -> Course:
    """The caller gave up, or never called again."""
    cause, ended_at = CancellationCause.EXPIRED, course.order.at + UNPAID_LIFETIME
    if course.order.gives_up:
        cause = CancellationCause.REQUESTED
        ended_at = course.last_at + timedelta(seconds=course.chance.randint(20, 90))
    if ended_at >= until:
        return replace(course, status=PaymentStatus.REQUIRES_PAYMENT_METHOD)
    return replace(course, status=PaymentStatus.CANCELED, cause=cause, changed_at=ended_at)


def _held(course: Course, until: datetime) -> Course:
    """An amount on hold, which is captured, or runs out."""
    after = course.order.capture_after
    captured_at = course.last_at + after if after else None
    if captured_at is not None and captured_at < until:
        by = course.chance.choice(SUPERVISORS).actor_id
        return replace(course, captured_at=captured_at, captured_by=by, changed_at=captured_at)
    runs_out_at = course.last_at + _HOLD
    if captured_at is None and runs_out_at < until:
        return replace(
            course,
            tried=_with_last(course.tried, AttemptOutcome.NOT_CHARGED),
            status=PaymentStatus.CANCELED,
            cause=CancellationCause.HOLD_EXPIRED,
            changed_at=runs_out_at,
        )
    return replace(
        course,
        tried=_with_last(course.tried, AttemptOutcome.AUTHORISED),
        status=PaymentStatus.REQUIRES_CAPTURE,
    )


def _afterwards(course: Course, until: datetime) -> Course:
    """What happened to a payment's money since."""
    order = course.order
    if order.refund is not None and (at := course.last_at + order.refund.after) < until:
        amount = order.amount_minor * order.refund.per_cent // 100
        return replace(course, refund=_refunded(course.chance, at, amount, until))
    if order.dispute is not None and (at := course.last_at + order.dispute.after) < until:
        return replace(course, dispute=_disputed(order.dispute, at, until))
    return course


def _refunded(chance: Random, at: datetime, amount_minor: int, until: datetime) -> Refunded:
    failed_at = at + _REFUND_FAILS_AFTER
    if chance.random() < _REFUNDS_THAT_FAIL and failed_at < until:
        return Refunded(at, amount_minor, RefundStatus.FAILED, failed_at)
    return Refunded(at, amount_minor, RefundStatus.SUCCEEDED, None)


def _disputed(planned: PlannedDispute, at: datetime, until: datetime) -> Disputed:
    """Nobody answers what is lost; the bank takes its time for all others."""
    status, changed_at = DisputeStatus.NEEDS_RESPONSE, at
    due_at = at + _ANSWER_DUE
    courses = {
        "lost": ((due_at, DisputeStatus.LOST),),
        "under_review": ((at + _ANSWERED_AFTER, DisputeStatus.UNDER_REVIEW),),
        "won": (
            (at + _ANSWERED_AFTER, DisputeStatus.UNDER_REVIEW),
            (at + _DECIDED_AFTER, DisputeStatus.WON),
        ),
    }
    for moment, then in courses.get(planned.end or "", ()):
        if moment < until:
            status, changed_at = then, moment
    return Disputed(at, due_at, planned.reason, status, changed_at)


def _with_last(tried: tuple[Tried, ...], outcome: AttemptOutcome) -> tuple[Tried, ...]:
    return (*tried[:-1], replace(tried[-1], outcome=outcome))

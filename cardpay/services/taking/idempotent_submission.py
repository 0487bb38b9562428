"""One press of the pay button, which charges once however often it arrives.

A submission that the card form cannot have made is refused.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from cardpay.domain.access.actor import Actor
from cardpay.domain.card_number_guard import CardDataRefused, is_our_id, refuse_card_data
from cardpay.domain.errors import CardpayError, MoneyMoved
from cardpay.domain.payment.attempt import SETTLED_ATTEMPTS
from cardpay.services.audit.record_act import record
from cardpay.services.desk import Desk
from cardpay.storage.database.engine import Session
from cardpay.storage.payments import payment_attempts
from cardpay.storage.schema.tables import Payment

_PAYMENT_METHOD_ID: Final = re.compile(r"pm_[A-Za-z0-9_]{1,250}")


@dataclass(frozen=True)
class Submission:
    """One press of the pay button: which card for which payment."""

    payment_id: str
    payment_method_id: str
    submission_id: str


class SubmissionRefused(CardpayError):
    """The card form never submits this. `reason` is for the audit log and quotes none of it."""

    money = MoneyMoved.NO

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(
            "The card form sent something we can't accept.",
            "Reload the page, then enter the card again.",
        )


def refuse_malformed(submission: Submission) -> None:
    """Raise SubmissionRefused unless both ids are well formed: they are stored, or sent on."""
    if not _PAYMENT_METHOD_ID.fullmatch(submission.payment_method_id):
        raise SubmissionRefused("no PaymentMethod's id")
    if not is_our_id(submission.submission_id):
        raise SubmissionRefused("no submission's id")
    try:
        refuse_card_data("", submission.payment_method_id)
    except CardDataRefused:
        raise SubmissionRefused("a card number for a PaymentMethod's id") from None


def is_repeated(session: Session, desk: Desk, actor: Actor, submission: Submission) -> bool:
    """Whether this press has begun its attempt already: then nothing is charged again.

    The payment is locked. Raises SubmissionRefused for a press that was another payment's.
    """
    earlier = payment_attempts.by_submission(session, submission.submission_id)
    if earlier is None:
        return False
    if earlier.payment_id != submission.payment_id:
        raise SubmissionRefused("another payment's submission")
    if earlier.outcome in SETTLED_ATTEMPTS:  # a double click would come before the outcome
        subject = ("payment", submission.payment_id)
        record(session, actor, "payment.attempt.replayed", subject, at=desk.now())
    return True


@contextmanager
def audit_refused_submission(desk: Desk, actor: Actor, submission: Submission) -> Iterator[None]:
    """Record a SubmissionRefused in the audit log, after its transaction, and raise it again.

    Of a flood, DENIALS_A_MINUTE alone are recorded.
    """
    try:
        yield
    except SubmissionRefused as refused:
        if desk.is_flooded_by(actor):
            raise
        with desk.store.transaction() as session:
            known = session.get(Payment, submission.payment_id) is not None
            record(
                session,
                actor,
                "payment.attempt.refused",
                ("payment", submission.payment_id if known else "unknown"),
                at=desk.now(),
                after={"reason": refused.reason},
            )
        raise

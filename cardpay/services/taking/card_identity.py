"""Finding out which card a PaymentMethod is, so that declines of one card can be limited.

Only Stripe knows the card's fingerprint, and asking costs a call. So it is asked only where the
person or the payment has had a recent decline.
"""

from dataclasses import dataclass

from cardpay.domain.access.actor import Actor
from cardpay.domain.errors import CardpayError, MoneyMoved
from cardpay.domain.payment.status import CONFIRMABLE
from cardpay.gateway.errors import RequestRefused, StripeUnavailable
from cardpay.services.desk import Desk
from cardpay.services.taking.idempotent_submission import Submission, SubmissionRefused
from cardpay.storage.database.engine import Session
from cardpay.storage.payments import limit_counts, payment_attempts, payment_operations
from cardpay.storage.schema.tables import Payment


@dataclass(frozen=True)
class CardIdentity:
    """The card's fingerprint, and which attempt was the payment's last when Stripe was asked."""

    fingerprint: str | None
    last_attempt_id: str | None


class PaymentChanged(CardpayError):
    """Another card was tried on the payment while Stripe was asked about this one."""

    money = MoneyMoved.NO

    def __init__(self) -> None:
        super().__init__(
            "Somebody else tried another card on this payment, so this one was not tried.",
            "Check the result of the other card before you enter this one again.",
        )


class CardNotIdentified(CardpayError):
    """Stripe did not say which card it is, which has to be known before it is tried."""

    money = MoneyMoved.NO

    def __init__(self) -> None:
        super().__init__(
            "Stripe isn't responding, so the card was not tried.",
            "Wait a minute, then enter the card again.",
        )


def identify_card(desk: Desk, actor: Actor, submission: Submission) -> CardIdentity | None:
    """Which card it is, where that must be known before it is tried; None for most.

    Stripe is never asked about a submission that is an attempt already. Errors:
    CardNotIdentified, AskedTooOften; SubmissionRefused when Stripe knows no such PaymentMethod.
    """
    if not desk.limits.declines_per_card:
        return None
    since_at = desk.now() - desk.limits.decline_window
    payment_id = submission.payment_id
    with desk.store.reading() as session:
        payment = session.get(Payment, payment_id)
        if (
            payment is None
            or payment.status not in CONFIRMABLE
            or payment_operations.open_operation(session, payment_id) is not None
            or payment_attempts.by_submission(session, submission.submission_id) is not None
            or not limit_counts.has_declines(session, since_at, actor.actor_id, payment_id)
        ):
            return None
        last_attempt_id = _last_attempt_id(session, payment_id)
    desk.asks.count(actor, desk.now())
    try:
        card = desk.gateway.retrieve_payment_method(submission.payment_method_id).method
    except StripeUnavailable:
        with desk.store.reading() as session:
            if payment_attempts.by_submission(session, submission.submission_id) is not None:
                return None  # Stripe answered another click of the same press
        raise CardNotIdentified from None
    except RequestRefused as refused:
        if refused.http_status == 404:
            raise SubmissionRefused("a PaymentMethod that Stripe does not know") from None
        raise
    return CardIdentity(card.fingerprint if card else None, last_attempt_id)


def refuse_changed_payment(session: Session, payment_id: str, card: CardIdentity | None) -> None:
    """Raise PaymentChanged if there was another attempt since Stripe was asked about the card.

    Asking takes time, in which the page may have been reloaded and shown that other outcome.
    """
    if card is not None and _last_attempt_id(session, payment_id) != card.last_attempt_id:
        raise PaymentChanged


def _last_attempt_id(session: Session, payment_id: str) -> str | None:
    attempt = payment_attempts.last_attempt(session, payment_id)
    return attempt.id if attempt else None

"""Reading what decides whether a payment may be refunded, captured or cancelled."""

from sqlmodel import Session, col, select

from cardpay.domain.money import Money
from cardpay.domain.payment.dispute import DisputeStatus
from cardpay.domain.payment_acts.act_facts import ActFacts
from cardpay.storage.payments import checkout_links, payment_attempts, payment_operations, refunds
from cardpay.storage.schema.tables import Dispute, Payment


def act_facts(session: Session, payment: Payment) -> ActFacts:
    """The facts of a payment, which the caller has locked if they are to hold."""
    link = checkout_links.of_payment(session, payment.id)
    attempt = payment_attempts.last_attempt(session, payment.id)
    return ActFacts(
        payment_id=payment.id,
        status=payment.status,
        display=payment.display_status,
        is_busy=payment_operations.open_operation(session, payment.id) is not None,
        left=refunds.refundable(session, payment),
        held=Money(payment.amount_capturable_minor, payment.currency),
        method_type=payment.payment_method_type,
        capture_before_at=attempt.capture_before_at if attempt else None,
        link=link.status if link else None,
        owner=payment.owner,
        barring_dispute=_barring_dispute(session, payment.id),
    )


def _barring_dispute(session: Session, payment_id: str) -> DisputeStatus | str | None:
    """The status of the newest dispute for which Stripe says that nothing can be refunded."""
    return session.exec(
        select(Dispute.status)
        .where(Dispute.payment_id == payment_id, col(Dispute.is_charge_refundable).is_(False))
        .order_by(col(Dispute.created_at).desc(), col(Dispute.id).desc())
        .limit(1)
    ).first()

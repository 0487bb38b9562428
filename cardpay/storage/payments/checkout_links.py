"""The links of payments: of one, and those that recovery has to look at."""

from collections.abc import Iterator
from datetime import datetime

from sqlmodel import Session, and_, col, or_, select

from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.payment_link.link_rules import LinkStatus
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import Payment, PaymentLink

BATCH = 100


def of_payment(session: Session, payment_id: str) -> PaymentLink | None:
    """The payment's link; None for one that has a PaymentIntent of the desk's own."""
    return session.get(PaymentLink, payment_id)


def has_any_since(session: Session, account: tuple[str, bool], since_at: datetime) -> bool:
    """Whether a link was made since then."""
    found = select(PaymentLink.id).where(
        PaymentLink.stripe_account_id == account[0],
        PaymentLink.livemode == account[1],
        col(PaymentLink.created_at) >= since_at,
    )
    return session.exec(found.limit(1)).first() is not None


def unended(store: Store) -> Iterator[str]:
    """The ids of payments whose link is open, or of whose end Stripe has not told all yet."""
    last = ""
    while True:
        with store.reading() as session:
            batch = session.exec(
                select(PaymentLink.id)
                .join(Payment, col(Payment.id) == PaymentLink.id)
                .where(
                    col(PaymentLink.id) > last,
                    or_(
                        col(PaymentLink.status) == LinkStatus.OPEN,
                        and_(
                            col(PaymentLink.status).is_not(None),
                            col(Payment.display_status) == DisplayStatus.CHECKING,
                        ),
                    ),
                )
                .order_by(col(PaymentLink.id))
                .limit(BATCH)
            ).all()
        yield from batch
        if len(batch) < BATCH:
            return
        last = batch[-1]

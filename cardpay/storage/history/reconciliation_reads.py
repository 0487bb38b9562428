"""What a reconciliation reads of the desk: the payments and events of a stretch of time, and all
that is stored about one object of Stripe's.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, SQLModel, col, select

from cardpay.domain.stripe_facts.events import EventState
from cardpay.storage.schema.tables import (
    BalanceTransaction,
    Dispute,
    Payment,
    PaymentAttempt,
    PaymentLink,
    Refund,
    StripeEvent,
)

Account = tuple[str, bool]  # its id, and livemode


def created_between(
    session: Session, account: Account, first_at: datetime, last_at: datetime
) -> set[str]:
    """The PaymentIntents of stored payments that were created between two times, both included."""
    found = session.scalars(
        select(Payment.stripe_payment_intent_id).where(
            Payment.stripe_account_id == account[0],
            Payment.livemode == account[1],
            col(Payment.stripe_payment_intent_id).is_not(None),
            col(Payment.stripe_created_at) >= first_at,
            col(Payment.stripe_created_at) <= last_at,
        )
    )
    return {str(intent_id) for intent_id in found}


def unknown_events(session: Session, account: Account, event_ids: Iterable[str]) -> set[str]:
    """The ids among `event_ids` of events that are not stored."""
    wanted = set(event_ids)
    known = session.scalars(
        select(StripeEvent.stripe_event_id).where(
            StripeEvent.stripe_account_id == account[0],
            StripeEvent.livemode == account[1],
            col(StripeEvent.stripe_event_id).in_(wanted),
        )
    )
    return wanted - set(known)


def states_of_events(
    session: Session, account: Account, event_ids: Iterable[str]
) -> dict[str, tuple[EventState, str | None]]:
    """State and problem of each event that is stored, by Stripe's id."""
    found = session.execute(
        select(StripeEvent.stripe_event_id, StripeEvent.state, StripeEvent.problem).where(
            StripeEvent.stripe_account_id == account[0],
            StripeEvent.livemode == account[1],
            col(StripeEvent.stripe_event_id).in_(set(event_ids)),
        )
    )
    return {event_id: (state, problem) for event_id, state, problem in found}


def payment_of(session: Session, account: Account, object_id: str) -> str | None:
    """The id of the payment that a PaymentIntent, Charge, Refund, Dispute or link belongs to."""
    for table, ours, theirs in (
        (Payment, Payment.id, Payment.stripe_payment_intent_id),
        (PaymentAttempt, PaymentAttempt.payment_id, PaymentAttempt.stripe_charge_id),
        (Refund, Refund.payment_id, Refund.stripe_refund_id),
        (Dispute, Dispute.payment_id, Dispute.stripe_dispute_id),
        (PaymentLink, PaymentLink.id, PaymentLink.stripe_checkout_session_id),
    ):
        found = session.scalars(
            select(ours).where(
                table.stripe_account_id == account[0],
                table.livemode == account[1],
                theirs == object_id,
            )
        ).first()
        if found is not None:
            return str(found)
    return None


def state_of(session: Session, account: Account, object_id: str) -> list[dict[str, object]]:
    """All that is stored about an object's payment, or about an object that has none.

    Our own times are left out: two states are equal when nothing was learnt in between.
    """
    payment_id = payment_of(session, account, object_id)
    rows: list[SQLModel] = []
    if payment_id is not None:
        rows += session.scalars(select(Payment).where(Payment.id == payment_id))
        rows += session.scalars(select(PaymentLink).where(PaymentLink.id == payment_id))
        for table in (PaymentAttempt, Refund, Dispute):
            rows += session.scalars(
                select(table).where(table.payment_id == payment_id).order_by(col(table.id))
            )
    else:
        rows += session.scalars(select(Dispute).where(Dispute.stripe_dispute_id == object_id))
    sources = {getattr(row, "stripe_charge_id", None) for row in rows}
    sources |= {getattr(row, "stripe_refund_id", None) for row in rows}
    rows += session.scalars(
        select(BalanceTransaction)
        .where(col(BalanceTransaction.stripe_source_id).in_(sources - {None}))
        .order_by(col(BalanceTransaction.id))
    )
    return [row.model_dump(exclude={"updated_at", "status_as_of", "settled_at"}) for row in rows]

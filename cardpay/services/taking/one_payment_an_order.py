"""One order is paid once: an order reference that has a payment refuses another one.

A payment reserves its order reference (`order_claim`) while it is open, unknown or paid. A
second payment of the same order is taken only when somebody asks for it, with a reason. The
database's unique key on the reference and the payment's number enforces it between two people
who press at the same moment.
"""

from cardpay.domain.access.actor import Actor
from cardpay.domain.errors import InvalidInput, OrderReferenceTaken
from cardpay.domain.payment.order import Draft, order_claim
from cardpay.services.desk import Desk
from cardpay.storage.database.engine import Session
from cardpay.storage.payments import payments
from cardpay.storage.schema.tables import Payment


def payment_number(
    session: Session, desk: Desk, actor: Actor, draft: Draft, *, instead_of: str | None = None
) -> int:
    """The draft's number among the payments of its order, from 1. Raises OrderReferenceTaken.

    The payment `instead_of` counts as over: it is about to be given up for the draft.

    A payment that was taken elsewhere counts as well: it may be the desk's own, from after the
    backup that the database was restored from.
    """
    claim = order_claim(draft.order_reference)
    account = (desk.account.stripe_account_id, desk.account.livemode)
    holders = [
        holder
        for holder in payments.claims_of_order(session, *account, claim)
        if holder.id not in {draft.payment_id, instead_of}
    ]
    last = holders[-1] if holders else payments.paid_elsewhere(session, *account, claim)
    if last is None:
        return 1
    second = draft.second_payment
    if second is None or second.after_sequence != last.order_sequence:
        raise _taken(desk, actor, draft, last)
    return last.order_sequence + 1


def refuse_reserved_order(desk: Desk, actor: Actor, draft: Draft) -> None:
    """Raise OrderReferenceTaken with the payment that a unique key refused the draft for.

    InvalidInput if that payment has released the order since. Nothing if it is the draft's own:
    the same draft was sent twice at once.
    """
    claim = order_claim(draft.order_reference)
    with desk.store.reading() as session:
        holders = payments.claims_of_order(
            session, desk.account.stripe_account_id, desk.account.livemode, claim
        )
        if any(holder.id == draft.payment_id for holder in holders):
            return
        if holders:
            raise _taken(desk, actor, draft, holders[-1])
    raise InvalidInput(
        "Order reference", "Somebody else has just used this order reference. Try again."
    )


def _taken(desk: Desk, actor: Actor, draft: Draft, holder: Payment) -> OrderReferenceTaken:
    """The refusal, which names the payment only to those who may see it."""
    may_see = actor.may_see(holder.taken_by, holder.created_at, desk.now())
    shown_id = holder.id if may_see else None
    return OrderReferenceTaken(draft.order_reference, shown_id, holder.order_sequence)

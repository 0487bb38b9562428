"""Order references that the desk numbers by itself, where a prefix is set.

A screen shows the next number, and the payment claims one when it is created: in its transaction,
under a lock, so that two people at two replicas never have the same. Whoever was slower gets the
one after. A payment that is refused later keeps its number: there may be gaps.
"""

from dataclasses import replace

from cardpay.domain.payment.order import Draft, order_claim
from cardpay.services.desk import Desk
from cardpay.storage.database.engine import Session
from cardpay.storage.payments import order_counter, payments
from cardpay.storage.schema.tables import Payment


def next_reference(desk: Desk) -> str:
    """The reference that the next order gets, if nobody is quicker; empty without a prefix."""
    if not desk.order_prefix:
        return ""
    with desk.store.reading() as session:
        return _free(session, desk, order_counter.last_number(session, desk.order_prefix) + 1)[1]


def with_number(session: Session, desk: Desk, draft: Draft, row: Payment | None) -> Draft:
    """The draft with a number of its own, if the desk numbers it; the caller commits.

    `row` is the payment of an earlier try, which keeps the number that it has.
    """
    if not draft.is_numbered or not desk.order_prefix:
        return draft
    if row is not None and row.order_reference == draft.order_reference:
        return draft
    counter = order_counter.locked_counter(session, desk.order_prefix)
    counter.last, reference = _free(session, desk, counter.last + 1)
    session.add(counter)
    return replace(draft, order_reference=reference)


def _free(session: Session, desk: Desk, number: int) -> tuple[int, str]:
    """The first number from `number` on that no payment has; staff may have typed the same."""
    account = (desk.account.stripe_account_id, desk.account.livemode)
    while True:
        reference = f"{desk.order_prefix}{number}"
        claim = order_claim(reference)
        if not payments.claims_of_order(session, *account, claim) and not payments.paid_elsewhere(
            session, *account, claim
        ):
            return number, reference
        number += 1

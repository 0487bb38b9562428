"""Erasure at a person's request: what identifies them goes, the books stay whole.

The command line alone does it: whoever may run commands beside the database may.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.errors import PaymentNotFound
from cardpay.domain.personal_data.customer_identity import Customer, digits, folded
from cardpay.domain.personal_data.erasure_rules import names_customer
from cardpay.services.audit.record_act import record
from cardpay.storage.database.engine import Store
from cardpay.storage.personal_data import customer_details, erase_details
from cardpay.storage.personal_data.customer_details import CustomerMatch, PaymentWithDetails
from cardpay.storage.schema.tables import Payment

SHOWN: Final = 50  # payments that are named one by one


@dataclass(frozen=True)
class StillNeeded:
    """A payment whose details stay for now, and why."""

    payment_id: str
    reason: str


@dataclass(frozen=True)
class Preview:
    """What erasing would do. The times are those of the oldest and the newest payment.

    `erasable` and `kept` are numbers of payments. `still_needed` and `naming` are the first SHOWN:
    payments that still need the details, and payments whose order reference, which stays, holds
    some of them.
    """

    erasable: int
    first_at: datetime | None
    last_at: datetime | None
    kept: int
    still_needed: tuple[StillNeeded, ...]
    naming: tuple[str, ...]


def preview(store: Store, customer: Customer) -> Preview:
    """What erasing the customer would do now. Raises PaymentNotFound."""
    if customer.payment_id:
        with store.reading() as session:
            if session.get(Payment, customer.payment_id) is None:
                raise PaymentNotFound(customer.payment_id)
    count = kept = 0
    times: list[datetime] = []
    still_needed: list[StillNeeded] = []
    naming: list[str] = []
    for batch in _batches(store, customer):
        for one in batch:
            made_at = one.payment.created_at
            times = [min([*times, made_at]), max([*times, made_at])]
            if one.needed_because:
                kept += 1
                still_needed.append(StillNeeded(one.payment.id, one.needed_because))
            else:
                count += 1
            if _names_customer(one):
                naming.append(one.payment.id)
        del still_needed[SHOWN:], naming[SHOWN:]
    first_at, last_at = times or (None, None)
    return Preview(count, first_at, last_at, kept, tuple(still_needed), tuple(naming))


def erase_customer(store: Store, customer: Customer, now: Callable[[], datetime]) -> int:
    """Erase the details of all payments that no longer need them; return how many there were.

    In short transactions, with an audit entry for each payment. A second call finds nothing.
    """
    erased = 0
    for batch in _batches(store, customer):
        with store.transaction() as session:
            at = now()
            gone = erase_details.erase(session, [one.payment.id for one in batch], at)
            for payment_id in gone:
                record(session, SYSTEM, "customer.erase", ("payment", payment_id), at=at)
        erased += len(gone)
    return erased


def erase_staff(store: Store, actor_id: str, now: Callable[[], datetime]) -> bool:
    """Erase the name behind an actor's id, which stays; return whether there was one."""
    with store.transaction() as session:
        gone = erase_details.erase_name(session, actor_id)
        if gone:
            record(session, SYSTEM, "staff.erase", ("person", actor_id), at=now())
    return gone


def _batches(store: Store, customer: Customer) -> Iterator[list[PaymentWithDetails]]:
    match = CustomerMatch(folded(customer.email), folded(customer.name), customer.payment_id)
    last = ""
    while True:
        with store.reading() as session:
            found = customer_details.of_customer(session, match, last)
        if customer.phone:
            yield [
                one for one in found if digits(one.detail.phone or "") == digits(customer.phone)
            ]
        else:
            yield found
        if len(found) < customer_details.BATCH:
            return
        last = found[-1].payment.id


def _names_customer(one: PaymentWithDetails) -> bool:
    detail = one.detail
    texts = (detail.name or "", detail.email or "")
    return names_customer(one.payment.order_reference, texts, detail.phone or "")

"""Adding a note to a payment. It is personal: it is erased with the customer's details."""

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.card_number_guard import refuse_card_data_as_id
from cardpay.domain.errors import InvalidInput, PaymentNotFound
from cardpay.domain.payment_acts.note_rules import checked_note, refuse_another_note
from cardpay.services.audit.record_act import record
from cardpay.services.desk import Desk
from cardpay.services.taking.payment_view import require_visible
from cardpay.storage.database.engine import Duplicate
from cardpay.storage.payments import payments
from cardpay.storage.personal_data import customer_words
from cardpay.storage.schema.tables import CustomerDetail, PaymentNote


def add_note(desk: Desk, actor: Actor, payment_id: str, typed: str, submission_id: str) -> None:
    """Add a note, once for each `submission_id` (one press of the button).

    The audit log says that there is one, and not what is in it. Errors: NotAllowed,
    PaymentNotFound, InvalidInput (also once the customer's details are erased: nothing would erase
    the note), CardDataRefused.
    """
    actor = actor.require(Permission.ADD_NOTE)
    refuse_card_data_as_id("Note", submission_id)
    require_visible(desk, actor, payment_id)
    text = checked_note(typed)
    try:
        with desk.store.transaction() as session:
            if payments.locked(session, payment_id) is None:
                raise PaymentNotFound(payment_id)
            if session.get(PaymentNote, submission_id) is not None:
                return
            refuse_another_note(payments.count_notes(session, payment_id))
            now = desk.now()
            details = payments.customer_detail(session, payment_id)
            if details is not None and details.erased_at is not None:
                raise InvalidInput(
                    "Note", "The customer's details were erased, so no note can be added"
                )
            if details is None:  # a payment taken elsewhere: its retention counts from here
                session.add(CustomerDetail(payment_id=payment_id, created_at=now))
            session.add(
                PaymentNote(
                    id=submission_id,
                    payment_id=payment_id,
                    text=text,
                    actor_id=actor.actor_id,
                    created_at=now,
                )
            )
            customer_words.store_note(session, payment_id, text)
            record(session, actor, "payment.note", ("payment", payment_id), at=now)
    except Duplicate:
        return  # the same press, in another process


def note_exists(desk: Desk, submission_id: str) -> bool:
    """Whether a submission has become a note."""
    with desk.store.reading() as session:
        return session.get(PaymentNote, submission_id) is not None

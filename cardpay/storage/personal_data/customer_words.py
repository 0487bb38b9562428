"""The words that a payment is found by, erased with its customer's details."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlmodel import Session, col

from cardpay.domain.personal_data.search_keys import note_words, stored_words
from cardpay.storage.schema.tables import CustomerDetail, CustomerWord


def store(session: Session, detail: CustomerDetail) -> None:
    """Put a payment's words in the place of those that it had."""
    session.execute(delete(CustomerWord).where(col(CustomerWord.payment_id) == detail.payment_id))
    session.add_all(
        CustomerWord(payment_id=detail.payment_id, word=word)
        for word in sorted(stored_words(detail.name, detail.email, detail.note))
    )


def store_note(session: Session, payment_id: str, text: str) -> None:
    """Add the words of a note to those of its payment."""
    known = select(col(CustomerWord.word)).where(col(CustomerWord.payment_id) == payment_id)
    new = note_words(text) - set(session.execute(known).scalars())
    session.add_all(CustomerWord(payment_id=payment_id, word=word) for word in sorted(new))


def words_of(details: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows of words for many rows of details."""
    return [
        {"payment_id": detail["payment_id"], "word": word}
        for detail in details
        for word in sorted(stored_words(detail["name"], detail["email"], detail.get("note")))
    ]

"""What a payment was paid with, or what was last tried: the card's facts, in words."""

from dataclasses import dataclass
from typing import Final

from sqlmodel import Session

from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.reporting.payments.method_words import (
    country_name,
    in_plain_words,
    method_words,
)
from cardpay.storage.payments import payment_attempts
from cardpay.storage.schema.tables import Payment, PaymentAttempt

_PAID: Final = frozenset({AttemptOutcome.SUCCEEDED, AttemptOutcome.AUTHORISED})


@dataclass(frozen=True)
class CardFacts:
    """One card. Texts are empty for what is not known."""

    method: str
    expires: str
    country: str
    charge_id: str


def card_facts(session: Session, payment: Payment) -> CardFacts | None:
    """The card that was charged; else the last one that was tried; None before there is one."""
    tried = [
        row
        for row in payment_attempts.of_payment(session, payment.id)
        if row.card_last4 or row.method_type
    ]
    if not tried:
        return None
    charged = [row for row in tried if row.outcome in _PAID]
    return _facts((charged or tried)[-1])


def _facts(row: PaymentAttempt) -> CardFacts:
    funding = in_plain_words(row.card_funding or "").lower()
    method = method_words(row.method_type, row.card_brand, row.card_last4)
    has_expiry = row.card_exp_month is not None and row.card_exp_year is not None
    return CardFacts(
        method=", ".join(part for part in (method, funding) if part),
        expires=f"{row.card_exp_month:02}/{row.card_exp_year}" if has_expiry else "",
        country=country_name(row.card_country or ""),
        charge_id=row.stripe_charge_id or "",
    )

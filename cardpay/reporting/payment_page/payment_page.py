"""All that one payment's own page shows, read at once."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session, select

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.stripe_account import StripeAccount
from cardpay.reporting.payment_page.card_facts import CardFacts, card_facts
from cardpay.reporting.payment_page.other_payments import OtherPayments, other_payments
from cardpay.reporting.payment_page.payment_details import PaymentDetails, payment_details
from cardpay.reporting.payment_page.refunds_and_disputes import RefundFacts, refunds
from cardpay.reporting.payments.settlement import BalanceEffect, balance_effects, is_settling
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import Payment

_PAYMENT_INTENT: Final = re.compile(r"pi_[A-Za-z0-9]{1,250}", re.ASCII)


@dataclass(frozen=True)
class PaymentPage:
    """One payment, with what its own page shows besides.

    A release of what was held is none of the `refunds`. While it `is_settling`, the `effects` lack
    what a refund took from the balance.
    """

    details: PaymentDetails
    effects: tuple[BalanceEffect, ...]
    is_settling: bool
    refunds: tuple[RefundFacts, ...]
    card: CardFacts | None
    others: OtherPayments


def payment_page(store: Store, actor: Actor, payment_id: str, now: datetime) -> PaymentPage:
    """The payment as it is stored now. Raises NotAllowed, PaymentNotFound.

    A payment that the actor may not see is reported as not found.
    """
    actor = actor.require(Permission.BROWSE_PAYMENTS)
    details = payment_details(store, actor, payment_id, now=now)
    with store.reading() as session:
        payment = session.get_one(Payment, payment_id)
        return PaymentPage(
            details=details,
            effects=balance_effects(session, payment_id),
            is_settling=is_settling(session, payment_id),
            refunds=tuple(one for one in refunds(session, payment) if not one.is_release),
            card=card_facts(session, payment),
            others=other_payments(session, actor, payment, now),
        )


def awaits_settlement(store: Store, payment_id: str) -> bool:
    """Whether it isn't known yet what a paid payment did to the balance: cheap to ask again."""
    with store.reading() as session:
        return is_settling(session, payment_id) or not balance_effects(session, payment_id)


def payment_id_in_link(store: Store, account: StripeAccount, given: str) -> str | None:
    """The id of the payment that a link names by ours or by its PaymentIntent's; None for neither.

    Of a UUID nothing is asked here: there may be no such payment.
    """
    if _PAYMENT_INTENT.fullmatch(given):
        with store.reading() as session:
            return _of_intent(session, account, given)
    try:
        return str(UUID(given))
    except ValueError:
        return None


def _of_intent(session: Session, account: StripeAccount, intent_id: str) -> str | None:
    return session.exec(
        select(Payment.id).where(
            Payment.stripe_account_id == account.stripe_account_id,
            Payment.livemode == account.livemode,
            Payment.stripe_payment_intent_id == intent_id,
        )
    ).one_or_none()

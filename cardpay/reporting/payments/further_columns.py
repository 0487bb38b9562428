"""What the list of payments can show besides: read for a page, and only what is asked for."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlmodel import Session, col

from cardpay.domain.money import Money
from cardpay.domain.money_format import format_money
from cardpay.reporting.payments.method_words import brand_name, method_name
from cardpay.reporting.payments.settlement import settlements
from cardpay.storage.schema.tables import (
    BalanceTransaction,
    CustomerDetail,
    Payment,
    PaymentAttempt,
    PaymentLink,
)

_Values = Mapping[str, Any]
_NOTHING: Final[_Values] = {}

# What the payment's own row says.
_OWN: Final[Mapping[str, Callable[[Payment], Any]]] = {
    "Paid at": lambda one: one.succeeded_at,
    "Ordered": lambda one: _words(one, one.amount_minor),
    "Received": lambda one: _words(one, one.amount_received_minor),
    "Refunded": lambda one: _words(one, one.amount_refunded_minor),
    "Method": lambda one: method_name(one.payment_method_type, one.card_last4),
    "Card brand": lambda one: brand_name(one.card_brand) if one.card_brand else "",
    "Last four": lambda one: one.card_last4 or "",
    "Taken elsewhere": lambda one: "" if one.taken_at_desk else "Yes",
    "Charge": lambda one: one.latest_charge_id or "",
}
TIMES: Final = frozenset({"Paid at"})


def further_columns(
    session: Session, payments: Sequence[Payment], wanted: Collection[str]
) -> dict[str, list[Any]]:
    """Of the `wanted` columns those that are known here, one value a payment.

    Texts that are empty where there is nothing to say, amounts in words, and TIMES. Each other
    table is read once for all payments, and only if something of it is wanted.
    """
    found: dict[str, list[Any]] = {
        name: [value(one) for one in payments] for name, value in _OWN.items() if name in wanted
    }
    for names, read in _READ.items():
        if asked := [name for name in names if name in wanted]:
            by_id = read(session, payments)
            for name in asked:
                found[name] = [by_id.get(one.id, _NOTHING).get(name, "") for one in payments]
    return found


def _words(payment: Payment, amount_minor: int) -> str:
    return format_money(Money(amount_minor, payment.currency))


def _settled(session: Session, payments: Sequence[Payment]) -> Mapping[str, _Values]:
    """In each currency of the balance; the code where there is but one."""
    return {
        payment_id: {
            "Fee": " and ".join(format_money(one.fee) for one in each),
            "Net": " and ".join(format_money(one.net) for one in each),
            "Settlement currency": each[0].net.currency.upper() if len(each) == 1 else "",
        }
        for payment_id, each in settlements(session, [one.id for one in payments]).items()
    }


def _tried(session: Session, payments: Sequence[Payment]) -> Mapping[str, _Values]:
    """Of the attempts: the last word there is on each, and whether any was by telephone."""
    rows = session.execute(
        select(
            col(PaymentAttempt.payment_id),
            col(PaymentAttempt.card_country),
            col(PaymentAttempt.decline_code),
            col(PaymentAttempt.moto),
        )
        .where(col(PaymentAttempt.payment_id).in_([one.id for one in payments]))
        .order_by(col(PaymentAttempt.created_at), col(PaymentAttempt.id))
    )
    found: dict[str, dict[str, str]] = {}
    for payment_id, country, decline_code, moto in rows:
        said = {
            "Country": country,
            "Decline code": decline_code,
            "Telephone order": "Yes" if moto else "",
        }
        found.setdefault(payment_id, {}).update({name: one for name, one in said.items() if one})
    return found


def _linked(session: Session, payments: Sequence[Payment]) -> Mapping[str, _Values]:
    ids = select(col(PaymentLink.id)).where(col(PaymentLink.id).in_([one.id for one in payments]))
    return {payment_id: {"Payment link": "Yes"} for payment_id in session.scalars(ids)}


def _paid_out(session: Session, payments: Sequence[Payment]) -> Mapping[str, _Values]:
    of = {one.latest_charge_id: one.id for one in payments if one.latest_charge_id}
    rows = session.execute(
        select(
            col(BalanceTransaction.stripe_source_id), col(BalanceTransaction.stripe_payout_id)
        ).where(
            col(BalanceTransaction.stripe_source_id).in_(of),
            col(BalanceTransaction.stripe_payout_id).is_not(None),
        )
    )
    return {of[charge]: {"Payout": payout} for charge, payout in rows}


def _reached(session: Session, payments: Sequence[Payment]) -> Mapping[str, _Values]:
    """How to reach the customer: whoever sees the payment reads it on the payment's page, too."""
    rows = session.execute(
        select(
            col(CustomerDetail.payment_id), col(CustomerDetail.email), col(CustomerDetail.phone)
        ).where(col(CustomerDetail.payment_id).in_([one.id for one in payments]))
    )
    return {its_id: {"Email": email or "", "Phone": phone or ""} for its_id, email, phone in rows}


_Read = Callable[[Session, Sequence[Payment]], Mapping[str, _Values]]
_READ: Final[Mapping[tuple[str, ...], _Read]] = {
    ("Fee", "Net", "Settlement currency"): _settled,
    ("Country", "Decline code", "Telephone order"): _tried,
    ("Payment link",): _linked,
    ("Payout",): _paid_out,
    ("Email", "Phone"): _reached,
}

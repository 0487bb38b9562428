"""Books whose payments and what followed lie about the clock changes of four time zones."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import SQLModel

from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.domain.payment.display_status import PAID, DisplayStatus
from cardpay.domain.payment.dispute import DisputeStatus
from cardpay.domain.payment.refund import EXPIRED_HOLD, RefundStatus
from cardpay.domain.payment.status import PaymentStatus
from cardpay.storage.schema.tables import (
    BalanceTransaction,
    Dispute,
    Payment,
    PaymentAttempt,
    Refund,
)

# By an hour; by half an hour; at midnight, so that a day begins at one o'clock.
ZONES = tuple(
    map(
        ZoneInfo,
        ("Europe/London", "America/New_York", "Australia/Lord_Howe", "America/Santiago"),
    )
)
CHANGES = tuple(
    datetime(2026, month, day, hour, tzinfo=UTC)
    for month, day, hour in (
        (3, 29, 1),
        (10, 25, 1),
        (3, 8, 7),
        (11, 1, 6),
        (4, 4, 15),
        (10, 3, 15),
        (4, 5, 3),
        (9, 6, 4),
    )
)
PRODUCTS = ("Boiler service", "Site visit", "Zürich & Söhne ; -- 100%")
_BOOKS: dict[str, Any] = {"stripe_account_id": "acct_1", "livemode": False}


def year_of_books(
    count: int, seed: int = 5, changes: Sequence[datetime] = CHANGES
) -> list[SQLModel]:
    """The rows of so many payments with all that followed, those that others name first."""
    chance = random.Random(seed)
    payments: list[SQLModel] = []
    others: list[SQLModel] = []
    for number in range(count):
        payment, its_own = _story(chance, number, changes)
        payments.append(payment)
        others += its_own
    return payments + others


def _moment(chance: random.Random, changes: Sequence[datetime]) -> datetime:
    """A quarter of an hour to a second, often just at a change of the clock or at a midnight."""
    at = chance.choice(changes) + timedelta(minutes=15 * chance.randint(-150, 150))
    return at + timedelta(seconds=chance.choice((-1, 0, 0, 1, 440)))


def _story(
    chance: random.Random, number: int, changes: Sequence[datetime]
) -> tuple[Payment, list[SQLModel]]:
    created_at = _moment(chance, changes)
    word = chance.choice([*PAID, *PAID, DisplayStatus.DECLINED, DisplayStatus.CANCELLED])
    paid = word in PAID
    amount = chance.choice((1, 1_250, 24_500, 360_000))
    received = amount if chance.random() < 0.9 else amount - 1
    currency = chance.choice(("gbp", "gbp", "eur", "jpy"))
    paid_at = created_at + timedelta(minutes=chance.choice((0, 1, 20, 3_000)))
    payment = Payment(
        **_BOOKS,
        id=f"payment-{number:05}",
        status=PaymentStatus.SUCCEEDED if paid else PaymentStatus.REQUIRES_PAYMENT_METHOD,
        display_status=word,
        amount_minor=amount,
        amount_received_minor=received if paid else 0,
        currency=currency,
        product_name=chance.choice(PRODUCTS),
        order_reference=f"SO-{number}",
        search_reference=f"so-{number}",
        taken_by=f"agent-{chance.randint(1, 3)}",
        stripe_payment_intent_id=f"pi_{number}",
        latest_charge_id=f"ch_{number}_9" if paid else None,
        payment_method_type=chance.choice(("card", "card", "sepa_debit", None)),
        card_brand=chance.choice(("visa", "mastercard", None)),
        card_last4="4242",
        created_at=created_at,
        updated_at=created_at,
        succeeded_at=paid_at if paid else None,
    )
    its_own: list[SQLModel] = [
        _attempt(chance, payment, tried, created_at + timedelta(minutes=tried))
        for tried in range(chance.choice((0, 0, 1, 2)))
    ]
    if paid:
        its_own.append(_attempt(chance, payment, 9, paid_at))
        its_own += _afterwards(chance, payment, paid_at)
    return payment, its_own


def _attempt(chance: random.Random, payment: Payment, number: int, at: datetime) -> PaymentAttempt:
    succeeded = number == 9
    declined = chance.choice(
        (
            AttemptOutcome.DECLINED,
            AttemptOutcome.AUTHENTICATION_FAILED,
            AttemptOutcome.REFUSED,
            AttemptOutcome.PENDING,
        )
    )
    return PaymentAttempt(
        **_BOOKS,
        id=f"{payment.id}-{number}",
        payment_id=payment.id,
        outcome=AttemptOutcome.SUCCEEDED if succeeded else declined,
        stripe_charge_id=f"ch_{payment.order_reference.removeprefix('SO-')}_{number}",
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        method_type=payment.payment_method_type,
        card_brand=payment.card_brand if succeeded else "visa",
        card_country=chance.choice(("GB", "US", None)),
        card_fingerprint=chance.choice(("one", "two", None)),
        card_last4=chance.choice(("4242", "0002")),
        decline_code=None if succeeded else chance.choice(("insufficient_funds", None)),
        failure_code=None if succeeded else "card_declined",
        created_at=at,
    )


def _afterwards(chance: random.Random, payment: Payment, paid_at: datetime) -> list[SQLModel]:
    """A fee; and for some a refund or a dispute, days later."""
    name = payment.id
    found: list[SQLModel] = []
    if chance.random() < 0.9:
        moved = _moved(name, payment.latest_charge_id or "", payment, 1, paid_at, chance)
        found.append(moved)
        if chance.random() < 0.1:
            other = _moved(name, payment.latest_charge_id or "", payment, -1, paid_at, chance)
            other.id = other.stripe_balance_transaction_id = f"txn_other_{name}"
            other.currency = "eur" if moved.currency == "gbp" else "gbp"
            found.append(other)
    later = paid_at + timedelta(hours=chance.randint(0, 200))
    if chance.random() < 0.3:
        status = chance.choice([*RefundStatus, None])
        found.append(
            Refund(
                **_BOOKS,
                id=f"refund-{name}",
                payment_id=name,
                stripe_refund_id=f"re_{name}",
                stripe_balance_transaction_id=chance.choice((f"txn_re_{name}", None)),
                stripe_failure_balance_transaction_id=(
                    f"txn_fail_{name}" if status is RefundStatus.FAILED else None
                ),
                status=status,
                amount_minor=payment.amount_minor // 2,
                currency=payment.currency,
                reason=chance.choice((EXPIRED_HOLD, "duplicate", None, None)),
                created_at=later,
                updated_at=later,
            )
        )
        found.append(_moved(name, f"re_{name}", payment, -1, later, chance))
        if status is RefundStatus.FAILED:
            back = _moved(name, f"re_{name}", payment, 1, later, chance)
            back.id = back.stripe_balance_transaction_id = f"txn_fail_{name}"
            found.append(back)
    if chance.random() < 0.2:
        found.append(
            Dispute(
                **_BOOKS,
                id=f"dispute-{name}",
                payment_id=chance.choice((name, name, None)),
                stripe_dispute_id=f"dp_{name}",
                stripe_charge_id=payment.latest_charge_id or "",
                status=chance.choice(list(DisputeStatus)),
                amount_minor=payment.amount_minor,
                currency=payment.currency,
                created_at=later,
                updated_at=later,
            )
        )
        if chance.random() < 0.7:
            found.append(_moved(name, f"dp_{name}", payment, -1, later, chance))
            if chance.random() < 0.3:
                back = _moved(name, f"dp_{name}", payment, 1, later, chance)
                back.id = back.stripe_balance_transaction_id = f"txn_back_{name}"
                found.append(back)
    return found


def _moved(
    name: str, source: str, payment: Payment, sign: int, at: datetime, chance: random.Random
) -> BalanceTransaction:
    fee = chance.randint(0, 400) if sign > 0 else 0
    gross = sign * payment.amount_minor
    return BalanceTransaction(
        **_BOOKS,
        id=f"txn_{source}_{name}",
        stripe_balance_transaction_id=f"txn_{source}_{name}",
        stripe_source_id=source,
        type="charge",
        gross_minor=gross,
        fee_minor=fee,
        net_minor=gross - fee,
        currency=chance.choice(("gbp", "eur")),
        created_at=at,
    )

"""Search finds what a caller says, by either way to read, and not what is erased."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Role
from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.domain.payment.dispute import DisputeStatus
from cardpay.domain.payment.status import PaymentStatus
from cardpay.domain.personal_data.search_keys import phone_key, reference_number
from cardpay.reporting.payments import payments_list
from cardpay.reporting.payments.payment_filter import PaymentFilter
from cardpay.reporting.payments.payments_list import payments_page
from cardpay.storage.personal_data import customer_words
from cardpay.storage.personal_data.erase_details import erase
from cardpay.storage.schema.tables import (
    BalanceTransaction,
    CustomerDetail,
    CustomerWord,
    Dispute,
    PaymentAttempt,
    PaymentLink,
    Refund,
)
from tests.integration.payment_books import START, Books

ANALYST = Actor("analyst-1", frozenset({Role.ANALYST}), "test")
OF_BOOKS: dict[str, Any] = {"stripe_account_id": "acct_1", "livemode": False}
OF_MONEY: dict[str, Any] = {
    "amount_minor": 100,
    "currency": "gbp",
    "created_at": START,
    "updated_at": START,
}
CALLER, OTHER = "payment-05001", "payment-05002"


@pytest.fixture(scope="module")
def called(unchanged_books: Books) -> Books:
    """Books with a caller's payment, all that Stripe has of it, and another one's."""
    books = unchanged_books
    facts: dict[str, Any] = {"status": PaymentStatus.SUCCEEDED, "card_last4": "1111"}
    reference = "FH-12877"
    books.add(
        5_001,
        **facts,
        amount_minor=24_599,
        order_reference=reference,
        search_reference=reference.lower(),
        search_number=reference_number(reference),
    )
    books.add(5_002, **facts, amount_minor=24_599, currency="jpy")
    with books.store.transaction() as session:
        for key, name, email, phone in (
            (CALLER, "Zoë O'Brien-Müller", "zoe@Brightfirm.example", "+44 7700 900123"),
            (OTHER, "Tom Brien", "tom@brightside.example", "07700 900999"),
        ):
            detail = CustomerDetail(
                payment_id=key,
                name=name,
                search_email=email.lower(),
                email=email,
                search_phone=phone_key(phone),
                created_at=START,
            )
            session.add(detail)
            session.flush()
            customer_words.store(session, detail)
        session.add_all(_at_stripe())
    return books


def _at_stripe() -> list[object]:
    charge = PaymentAttempt(
        **OF_BOOKS,
        id="charge-1",
        payment_id=CALLER,
        outcome=AttemptOutcome.SUCCEEDED,
        stripe_charge_id="ch_1",
        amount_minor=100,
        currency="gbp",
        created_at=START,
    )
    refund = Refund(
        **OF_BOOKS, **OF_MONEY, id="refund-2", payment_id=OTHER, stripe_refund_id="re_1"
    )
    dispute = Dispute(
        **OF_BOOKS,
        **OF_MONEY,
        id="dispute-1",
        payment_id=CALLER,
        stripe_dispute_id="du_1",
        stripe_charge_id="ch_1",
        status=DisputeStatus.LOST,
    )
    link = PaymentLink(
        **OF_BOOKS,
        id=OTHER,
        stripe_checkout_session_id="cs_1",
        actor_id="agent-1",
        expires_at=START + timedelta(days=1),
        created_at=START,
    )
    paid = [
        BalanceTransaction(
            **OF_BOOKS,
            id=source,
            stripe_balance_transaction_id=f"txn_{source}",
            stripe_source_id=source,
            stripe_payout_id="po_1",
            type="charge",
            currency="gbp",
            created_at=START,
        )
        for source in ("ch_1", "re_1")
    ]
    return [charge, refund, dispute, link, *paid]


def found(books: Books, text: str) -> set[str]:
    """Whatever the list gives for a search."""
    return set(payments_page(books.store, ANALYST, PaymentFilter(search=text)).frame.index)


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("text", "keys"),
    [
        pytest.param("muller", {CALLER}, id="last word, no accents"),
        pytest.param("ZOË", {CALLER}, id="first word"),
        pytest.param("bri", {CALLER, OTHER}, id="beginning of a word"),
        pytest.param("müll zoe", {CALLER}, id="two words, turned round"),
        pytest.param("zoe brown", set(), id="one word that is not there"),
        pytest.param("obrien", {CALLER}, id="apostrophe left out"),
        pytest.param("07700 900123", {CALLER}, id="telephone number"),
        pytest.param("+44 (0) 7700-900-999", {OTHER}, id="telephone number with country"),
        pytest.param("900123", {CALLER}, id="end of a telephone number"),
        pytest.param("zoe@bright", {CALLER}, id="beginning of an email"),
        pytest.param("@brightfirm.example", {CALLER}, id="domain"),
        pytest.param("brightside.example", {OTHER}, id="domain without sign"),
        pytest.param("pi_05001", {CALLER}, id="PaymentIntent"),
        pytest.param("ch_1", {CALLER}, id="charge"),
        pytest.param("re_1", {OTHER}, id="refund"),
        pytest.param("du_1", {CALLER}, id="dispute"),
        pytest.param("cs_1", {OTHER}, id="Checkout Session"),
        pytest.param("po_1", {CALLER, OTHER}, id="payout"),
        pytest.param("po_2", set(), id="another payout"),
        pytest.param("FH-12877", {CALLER}, id="reference"),
        pytest.param("fh-1", {CALLER}, id="beginning of a reference"),
        pytest.param("12877", {CALLER}, id="number of a reference"),
        pytest.param("245.99", {CALLER}, id="amount with two decimals"),
        pytest.param("24,599", {OTHER}, id="amount without decimals"),
        pytest.param("£245.99", {CALLER}, id="amount with a sign"),
        pytest.param("gbp 245.99", {CALLER}, id="amount with a code"),
        pytest.param("€245.99", set(), id="amount in another currency"),
        pytest.param("¥24599", {OTHER}, id="amount in yen"),
    ],
)
@pytest.mark.parametrize("few", [10_000, 0], ids=["few matches", "many matches"])
def test_what_a_caller_says_is_found(
    called: Books, monkeypatch: pytest.MonkeyPatch, few: int, text: str, keys: set[str]
) -> None:
    """And nothing else."""
    monkeypatch.setattr(payments_list, "FEW", few)
    assert found(called, text) == keys


def test_nobody_is_found_by_what_was_erased(books: Books) -> None:
    """No word of the name is left, nor of the notes."""
    key = books.add(6_000, status=PaymentStatus.SUCCEEDED)
    with books.store.transaction() as session:
        detail = CustomerDetail(
            payment_id=key, name="Zoë Müller", note="Gate code at the back", created_at=START
        )
        session.add(detail)
        session.flush()
        customer_words.store(session, detail)
        customer_words.store_note(session, key, "Rings at the back door")
    for text in ("muller", "back gate", "rings door"):
        assert found(books, text) == {key}
    with books.store.transaction() as session:
        assert erase(session, [key], START) == [key]
    for text in ("muller", "back gate", "rings door"):
        assert found(books, text) == set()
    with books.store.reading() as session:
        left = session.exec(select(CustomerWord).where(CustomerWord.payment_id == key)).all()
    assert not left

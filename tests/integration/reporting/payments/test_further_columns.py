"""What the list of payments shows besides: right, and read once for a page, if at all."""

from datetime import timedelta

from sqlalchemy import event

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Role
from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.payment.status import PaymentStatus
from cardpay.reporting.payments.payments_list import COLUMNS, Paging, payments_page
from cardpay.storage.schema.tables import CustomerDetail, PaymentLink
from tests.integration.payment_books import START, Books
from tests.integration.payment_rows import BOOKS_OF, attempt, balance_transaction

ANALYST = Actor("analyst-1", frozenset({Role.ANALYST}), "test")
SAID = {
    "Ordered": "€100.00",
    "Received": "€90.00",
    "Refunded": "€5.00",
    "Fee": "£1.50",
    "Net": "£88.50",
    "Settlement currency": "GBP",
    "Method": "Card",
    "Card brand": "American Express",
    "Last four": "0005",
    "Country": "FR",
    "Decline code": "expired_card",
    "Telephone order": "Yes",
    "Payment link": "Yes",
    "Taken elsewhere": "Yes",
    "Charge": "ch_900",
    "Payout": "po_1",
    "Email": "a@example.com",
    "Phone": "01632 960123",
}
FURTHER = frozenset({*SAID, "Paid at"})


def test_it_says_what_the_books_say(books: Books) -> None:
    """Of one payment with everything, and of one with nothing."""
    key = books.add(
        900,
        created_at=START + timedelta(days=2),
        currency="eur",
        amount_minor=10_000,
        amount_received_minor=9_000,
        amount_refunded_minor=500,
        succeeded_at=START + timedelta(days=2, minutes=1),
        payment_method_type="card",
        card_brand="amex",
        card_last4="0005",
        latest_charge_id="ch_900",
        taken_at_desk=False,
    )
    bare = books.add(901, created_at=START + timedelta(days=1))
    declined = attempt(AttemptOutcome.DECLINED, 1, decline_code="expired_card", moto=True)
    paid = attempt(
        AttemptOutcome.SUCCEEDED, 2, card_country="FR", stripe_charge_id="ch_900", moto=False
    )
    declined.payment_id = paid.payment_id = key
    settled = balance_transaction("ch_900", 9_000, 150, "gbp")
    settled.stripe_payout_id = "po_1"
    with books.store.transaction() as session:
        session.add_all([declined, paid, settled])
        session.add(
            PaymentLink(**BOOKS_OF, id=key, actor_id="a", expires_at=START, created_at=START)
        )
        detail = session.get(CustomerDetail, key) or CustomerDetail(
            payment_id=key, created_at=START
        )
        detail.email, detail.phone = "a@example.com", "01632 960123"
        session.add(detail)
    page = payments_page(books.store, ANALYST, paging=Paging(further=FURTHER))
    row = page.frame.loc[key]
    assert {name: str(row[name]) for name in SAID} == SAID
    assert row["Paid at"].to_pydatetime() == START + timedelta(days=2, minutes=1)
    assert [str(page.frame.loc[bare, name]) for name in ("Fee", "Payout")] == ["", ""]


def test_a_page_of_many_reads_as_often_as_a_page_of_one(books: Books) -> None:
    """And what is not asked for is not read."""
    asked: list[str] = []
    # Of a cancelled one it is asked besides whether its card failed; the newest is one, too.
    books.add(1_000, status=PaymentStatus.CANCELED, display_status=DisplayStatus.CANCELLED)

    def note(*given: object) -> None:
        asked.append(str(given[2]))

    def reads(rows: int, further: frozenset[str]) -> int:
        asked.clear()
        event.listen(books.store.engine, "before_cursor_execute", note)
        page = payments_page(books.store, ANALYST, paging=Paging(rows=rows, further=further))
        event.remove(books.store.engine, "before_cursor_execute", note)
        assert {*page.frame.columns} == {*COLUMNS, *further}
        return len(asked)

    assert reads(1, FURTHER) == reads(40, FURTHER)
    usual = reads(40, frozenset())
    assert reads(40, frozenset({"Refunded", "Card brand"})) == usual
    assert reads(40, frozenset({"Fee", "Net"})) == usual + 1

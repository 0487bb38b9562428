"""Payments as files: every one that a filter finds, exact, and harmless to a spreadsheet."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission, Role
from cardpay.domain.access.sign_in import EndReason, SignedOut
from cardpay.domain.card_number_guard import CardDataRefused
from cardpay.domain.errors import NotAllowed
from cardpay.domain.money import Money
from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.typed_amounts import parse_major
from cardpay.reporting.exported_lists.payment_money import money_of
from cardpay.reporting.payments.payment_filter import PaymentFilter
from cardpay.reporting.payments.settlement import balance_effects
from cardpay.storage.schema.tables import CustomerDetail, Payment, Person
from tests.integration.exports.list_files.written_files import NOW, csv_rows, write
from tests.integration.payment_books import COUNT, START, Books
from tests.integration.payment_rows import (
    KEY,
    attempt,
    balance_transaction,
    dispute,
    refund,
)
from tests.support.desks.worlds import AGENT


def exported(
    books: Books, folder: Path, chosen: PaymentFilter | None = None, *, zone: str = "UTC"
) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    write(books, folder / "payments.csv", chosen=chosen, zone=zone)
    return csv_rows(folder / "payments.csv")


@pytest.mark.parametrize("stretch", [1, 7, COUNT, 1_000])
def test_every_payment_once_newest_first(
    unchanged_books: Books, tmp_path: Path, stretch: int
) -> None:
    """However they are cut, and though several share a moment."""
    file = tmp_path / "payments.csv"
    written = write(unchanged_books, file, stretch=stretch)
    assert [row["Payment"] for row in csv_rows(file)] == list(unchanged_books.newest_first)
    assert written.objects == COUNT
    assert written.totals("Amount") == (Money(COUNT * 1_200, "gbp"),)


def test_the_filter_counts_and_not_the_page(unchanged_books: Books, tmp_path: Path) -> None:
    """Statuses and search together, over all stretches."""
    wanted = frozenset({DisplayStatus.SUCCEEDED, DisplayStatus.DECLINED})
    chosen = PaymentFilter(statuses=wanted, search="SO-000")
    write(unchanged_books, tmp_path / "one.csv", chosen=chosen, stretch=5)
    found = csv_rows(tmp_path / "one.csv")
    assert {row["Payment"] for row in found} == {
        payment_id
        for payment_id, status in unchanged_books.statuses.items()
        if status in wanted and payment_id.startswith("payment-000")
    }
    assert {row["Status"] for row in found} == set(wanted)
    nothing = PaymentFilter(search="nothing like it")
    assert exported(unchanged_books, tmp_path, nothing) == []


def test_a_payment_with_all_that_can_be_known(books: Books, tmp_path: Path) -> None:
    """Charge, refund and dispute together make its fee and net, in the balance's currency."""
    with books.store.transaction() as session:
        payment = session.get_one(Payment, KEY)
        payment.amount_received_minor = 1_200
        payment.amount_refunded_minor = 500
        payment.latest_charge_id = "ch_1"
        payment.succeeded_at = START + timedelta(days=1)
        session.add(payment)
        session.add(Person(actor_id="agent-1", name="A. Okafor", seen_at=START))
        session.add(attempt(AttemptOutcome.DECLINED, 1, decline_code="do_not_honor"))
        session.add(attempt(AttemptOutcome.SUCCEEDED, 2, stripe_charge_id="ch_1"))
        session.add(refund(stripe_refund_id="re_1", status="succeeded"))
        session.add(dispute("lost"))
        charged = balance_transaction("ch_1", 1_200, 37, "gbp")
        charged.stripe_payout_id = "po_1"
        session.add(charged)
        session.add(balance_transaction("re_1", -500, 0, "gbp"))
        session.add(balance_transaction("dp_1", -1_200, 2_000, "gbp"))
    (row,) = [one for one in exported(books, tmp_path, zone="Asia/Tokyo") if one["Payment"] == KEY]
    created_at = books.created_at[KEY]
    assert row == {
        "Time": f"{created_at + timedelta(hours=9):%Y-%m-%d %H:%M:%S}",
        "Time (UTC)": f"{created_at:%Y-%m-%d %H:%M:%S}",
        "Paid at": "2024-03-01 18:00:00",
        "Status": books.statuses[KEY],
        "Amount": "12.00",
        "Currency": "GBP",
        "Received": "12.00",
        "Refunded": "5.00",
        "Fee": "20.37",
        "Net": "-25.37",
        "Settlement currency": "GBP",
        "Product": "Consultation",
        "Quantity": "1",
        "Order reference": "SO-00123",
        "Customer": "Customer 03",
        "Email": "c03@example.com",
        "Payment method": "Card",
        "Card brand": "Visa",
        "Last four": "0023",
        "Decline code": "do_not_honor",
        "Taken by": "A. Okafor",
        "Payment": KEY,
        "PaymentIntent": "pi_00123",
        "Charge": "ch_1",
        "Transaction": "txn_ch_1",
        "Payout": "po_1",
        "Dispute": "dp_1",
    }


def test_what_is_not_known_is_empty(books: Books, tmp_path: Path) -> None:
    """Of an erased customer there is the word for it, and no name."""
    with books.store.transaction() as session:
        customer = session.get_one(CustomerDetail, KEY)
        customer.name = customer.email = None
        customer.erased_at = NOW
        session.add(customer)
    (row,) = [one for one in exported(books, tmp_path) if one["Payment"] == KEY]
    assert (row["Customer"], row["Email"]) == ("Erased", "")
    unknown = ("Paid at", "Fee", "Net", "Settlement currency", "Decline code", "Charge")
    assert {row[name] for name in (*unknown, "Transaction", "Payout", "Dispute")} == {""}


def test_another_method_than_a_card(books: Books, tmp_path: Path) -> None:
    """It is named, and a status of tomorrow is Stripe's word."""
    key = books.add(
        1_000,
        payment_method_type="sepa_debit",
        card_last4="3000",
        status="requires_funding",
        display_status=DisplayStatus.UNKNOWN,
    )
    (row,) = [one for one in exported(books, tmp_path) if one["Payment"] == key]
    assert (row["Payment method"], row["Card brand"], row["Last four"], row["Status"]) == (
        "SEPA Direct Debit",
        "",
        "3000",
        "requires_funding",
    )


def test_two_settlement_currencies_are_two_rows(books: Books, tmp_path: Path) -> None:
    """The second has no amount of the payment again, so that a column can be added up."""
    with books.store.transaction() as session:
        session.add(attempt(AttemptOutcome.SUCCEEDED, stripe_charge_id="ch_1"))
        session.add(refund(stripe_refund_id="re_1", status="succeeded"))
        session.add(balance_transaction("ch_1", 1_200, 37, "gbp"))
        session.add(balance_transaction("re_1", -80_000, 0, "jpy"))
    written = write(books, tmp_path / "one.csv")
    rows = csv_rows(tmp_path / "one.csv")
    assert (written.objects, len(rows)) == (COUNT, COUNT + 1)
    first, second = (row for row in rows if row["Payment"] == KEY)
    names = ("Amount", "Quantity", "Fee", "Net", "Settlement currency", "Customer")
    assert [first[name] for name in names] == ["12.00", "1", "0.37", "11.63", "GBP", "Customer 03"]
    assert [second[name] for name in names] == ["", "", "0", "-80000", "JPY", "Customer 03"]
    assert written.totals("Amount") == (Money(COUNT * 1_200, "gbp"),)


def test_fee_and_net_are_those_of_the_payments_page(books: Books) -> None:
    """A failed refund's money comes back once, whatever names what brought it."""
    with books.store.transaction() as session:
        session.add(attempt(AttemptOutcome.SUCCEEDED, 1, stripe_charge_id="ch_1"))
        session.add(
            attempt(
                AttemptOutcome.SUCCEEDED, 2, stripe_charge_id="ch_2", stripe_transfer_id="tr_1"
            )
        )
        session.add(
            refund(
                stripe_refund_id="re_1",
                status="failed",
                stripe_failure_balance_transaction_id="txn_pyr_1",
            )
        )
        session.add(dispute("lost"))
        for source, gross, fee, currency in (
            ("ch_1", 1_200, 37, "gbp"),
            ("ch_2", 1_300, 41, "usd"),
            ("tr_1", -900, 0, "gbp"),
            ("re_1", -500, 0, "gbp"),
            ("pyr_1", 500, 0, "gbp"),
            ("dp_1", -1_200, 2_000, "gbp"),
        ):
            session.add(balance_transaction(source, gross, fee, currency))
    with books.store.reading() as session:
        expected: dict[str, list[int]] = {}
        for effect in balance_effects(session, KEY):
            sums = expected.setdefault(effect.net.currency, [0, 0])
            sums[0] += effect.fee.amount_minor
            sums[1] += effect.net.amount_minor
        settled = money_of(session, [KEY]).settled[KEY]
    assert [(code, [fee, net]) for code, fee, net in settled] == sorted(expected.items())
    assert dict(expected)["gbp"] == [2_037, 1_200 - 37 - 900 - 500 + 500 - 1_200 - 2_000]


@pytest.mark.parametrize(
    ("currency", "amount_minor", "shown"),
    [
        ("jpy", 18_000, "18000"),
        ("kwd", 45_500, "45.500"),
        ("isk", 500, "5"),
        ("usd", 1, "0.01"),
        ("usd", 90_071_992_547_409_93, "90071992547409.93"),
    ],
)
def test_amounts_are_exact(
    books: Books, tmp_path: Path, currency: str, amount_minor: int, shown: str
) -> None:
    """In the decimals that Stripe has for the currency, and they read back as they were."""
    books.add(900, currency=currency, amount_minor=amount_minor)
    row = exported(books, tmp_path)[0]
    assert row["Amount"] == shown
    assert parse_major(row["Amount"], row["Currency"]) == Money(amount_minor, currency)


@pytest.mark.parametrize(
    ("at", "local"),
    [
        (datetime(2024, 3, 31, 0, 59, 59, tzinfo=UTC), "2024-03-31 00:59:59"),
        (datetime(2024, 3, 31, 1, tzinfo=UTC), "2024-03-31 02:00:00"),
        (datetime(2024, 2, 29, 23, 30, tzinfo=UTC), "2024-02-29 23:30:00"),
    ],
)
def test_the_business_zone_has_its_summer(
    books: Books, tmp_path: Path, at: datetime, local: str
) -> None:
    """The offset is that of the payment's own day."""
    added = books.add(900, created_at=at)
    rows = {row["Payment"]: row for row in exported(books, tmp_path, zone="Europe/London")}
    assert rows[added]["Time"] == local
    assert rows[added]["Time (UTC)"] == f"{at:%Y-%m-%d %H:%M:%S}"


def test_a_card_number_is_no_search(unchanged_books: Books, tmp_path: Path) -> None:
    """Refused before the database is asked."""
    with pytest.raises(CardDataRefused):
        exported(unchanged_books, tmp_path, PaymentFilter(search="4242 4242 4242 4242"))


def test_who_may_not_export_gets_no_file(unchanged_books: Books, tmp_path: Path) -> None:
    """Not even an empty one."""
    with pytest.raises(NotAllowed, match="export payments"):
        write(unchanged_books, tmp_path / "one.csv", actor=AGENT)
    assert not (tmp_path / "one.csv").exists()


class _EndsSoon:
    """A session that somebody signs out of in another tab."""

    def __init__(self, acts: int) -> None:
        self._left = acts

    def check(self, _permission: Permission | None = None) -> None:
        self._left -= 1
        if self._left < 0:
            raise SignedOut(EndReason.SIGNED_OUT)

    def refused(self, permission: Permission) -> None:
        raise AssertionError(permission)


def test_it_ends_with_the_session(unchanged_books: Books, tmp_path: Path) -> None:
    """Not at the end of a long export, but at the next stretch; a check is for each permission."""
    actor = Actor("analyst-1", frozenset({Role.ANALYST}), "test", _EndsSoon(6))
    with pytest.raises(SignedOut):
        write(unchanged_books, tmp_path / "one.csv", actor=actor, stretch=10)
    assert len(csv_rows(tmp_path / "one.csv")) == 3 * 10

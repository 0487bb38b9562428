"""A made-up past in the books: it adds up, agrees with the domain, and is repeatable."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import inspect, text
from sqlmodel import select

from cardpay.demo.bulk_past.write_past import Written, write_past
from cardpay.domain.errors import StartRefused
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.payment.refund import refunded_minor
from cardpay.domain.stripe_account import Mode, StripeAccount
from cardpay.domain.stripe_facts.payment_fold import concluded
from cardpay.services.stripe_facts.known_rows import KnownRows
from cardpay.storage.database import migrate
from cardpay.storage.database.engine import Store, connect
from cardpay.storage.schema.tables import BalanceTransaction, Payment, Payout, TotalledDay
from tests.support.databases.databases import Databases
from tests.support.secrets.secret_scan import scan_bytes

ACCOUNT = StripeAccount(Mode.TEST, "acct_1", livemode=False)
UNTIL = (date(2026, 3, 31), ZoneInfo("Europe/London"))
PAYMENTS = 1_500
SEED = 24  # with an order on the last day that nobody has paid yet


def _silent(_share: float, _words: str) -> None:
    pass


def _write(
    store: Store,
    payments: int = PAYMENTS,
    seed: int = SEED,
    account: StripeAccount = ACCOUNT,
    told: Callable[[float, str], None] = _silent,
) -> Written:
    return write_past(store, account, payments, seed, UNTIL, told)


@contextmanager
def _store_of(databases: Databases, template: str) -> Iterator[Store]:
    with databases.copy(template) as url:
        store = Store(connect(url))
        yield store
        store.close()


@pytest.fixture(scope="module")
def past(databases: Databases, migrated: str) -> Iterator[Store]:
    """Books with a past, for tests that only read."""
    with _store_of(databases, migrated) as store:
        _write(store)
        yield store


@pytest.fixture
def store(databases: Databases, migrated: str) -> Iterator[Store]:
    """Empty books."""
    with _store_of(databases, migrated) as made:
        yield made


def _rows(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, in order."""
    with store.engine.connect() as connection:
        return {
            table: sorted(
                map(tuple, connection.execute(text(f'SELECT * FROM "{table}"'))), key=str
            )
            for table in inspect(connection).get_table_names()
        }


def test_every_payment_is_what_the_domain_concludes(past: Store) -> None:
    """Its word, what a person has to do, what was refunded, how it was paid."""
    with past.reading() as session:
        payments = session.exec(select(Payment)).all()
        wrong = []
        for payment in payments:
            known = KnownRows.of_payment(session, ACCOUNT, payment.id).payments[payment.id]
            if concluded(known, payment.updated_at) != known:
                wrong.append(payment)
    assert len(payments) == PAYMENTS
    assert wrong == []


@pytest.mark.one_database
def test_every_kind_of_payment_is_there(past: Store) -> None:
    """Paid by card, by link and elsewhere; refunded, disputed, held, given up."""
    with past.reading() as session:
        payments = session.exec(select(Payment)).all()
    words = {payment.display_status for payment in payments}
    assert words >= {
        DisplayStatus.SUCCEEDED,
        DisplayStatus.REFUNDED,
        DisplayStatus.PARTIALLY_REFUNDED,
        DisplayStatus.DISPUTED,
        DisplayStatus.DISPUTE_LOST,
        DisplayStatus.DISPUTE_WON,
        DisplayStatus.DECLINED,
        DisplayStatus.CANCELLED,
        DisplayStatus.AUTHORISED,
    }
    assert {payment.taken_at_desk for payment in payments} == {True, False}
    assert {payment.currency for payment in payments} == {"gbp", "eur", "usd"}


@pytest.mark.one_database
def test_no_payment_gives_back_more_than_it_took(past: Store) -> None:
    """By its refunds, too."""
    with past.reading() as session:
        for payment in session.exec(select(Payment)):
            known = KnownRows.of_payment(session, ACCOUNT, payment.id).payments[payment.id]
            given = refunded_minor(
                known.refunds, payment.amount_minor, payment.amount_received_minor
            )
            assert given == payment.amount_refunded_minor <= payment.amount_received_minor
            assert 0 <= payment.amount_received_minor <= payment.amount_minor


@pytest.mark.one_database
def test_every_payout_is_the_sum_of_its_transactions(past: Store) -> None:
    """With the payout's own movement they sum to zero, and each names an object that is there."""
    inside: defaultdict[str | None, int] = defaultdict(int)
    with past.reading() as session:
        for row in session.exec(select(BalanceTransaction)):
            assert row.gross_minor - row.fee_minor == row.net_minor
            inside[row.stripe_payout_id] += row.net_minor
        payouts = session.exec(select(Payout)).all()
    itemised = {payout.stripe_payout_id for payout in payouts if payout.is_itemised}
    assert len(payouts) > 20
    assert all(payout.amount_minor > 0 for payout in payouts)
    assert inside.keys() - {None} == itemised
    assert {inside[payout_id] for payout_id in itemised} == {0}


@pytest.mark.one_database
def test_every_charge_refund_and_dispute_is_in_the_balance(past: Store) -> None:
    """What was received of payments in the balance's currency is what charges brought it."""
    with past.reading() as session, past.engine.connect() as connection:
        received = sum(
            payment.amount_received_minor
            for payment in session.exec(select(Payment).where(Payment.currency == "gbp"))
        )
        brought = connection.execute(
            text(
                "SELECT sum(gross_minor) FROM balance_transaction WHERE exchange_rate IS NULL"
                " AND reporting_category IN ('charge', 'partial_capture_reversal')"
            )
        ).scalar_one()
        missing = connection.execute(
            text(
                "SELECT count(*) FROM refund WHERE stripe_balance_transaction_id NOT IN"
                " (SELECT stripe_balance_transaction_id FROM balance_transaction)"
            )
        ).scalar_one()
    assert (brought, missing) == (received, 0)


def test_the_tables_are_as_a_migration_leaves_them(past: Store) -> None:
    """Indexes and foreign keys are back, and every row keeps to them."""
    assert migrate.differences(past.engine) == []
    if past.engine.dialect.name == "sqlite":
        with past.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1


def test_totals_of_days_are_those_of_the_past(store: Store) -> None:
    """What was kept of days without payments is forgotten; later changes are noted again."""
    with store.transaction() as session:
        session.add(TotalledDay(day=UNTIL[0], zone="Europe/London"))
    _write(store, 40)
    rows = _rows(store)
    assert (rows["totalled_day"], rows["changed_quarter"]) == ([], [])
    with store.transaction() as session:
        payment = session.exec(select(Payment)).first()
        assert payment is not None
        payment.amount_refunded_minor += 1
        session.add(payment)
    assert _rows(store)["changed_quarter"] != []


@pytest.mark.one_database
def test_the_same_seed_makes_the_same_rows(databases: Databases, migrated: str) -> None:
    """In each table; another seed makes others."""
    made = []
    for seed in (1, 1, 2):
        with _store_of(databases, migrated) as store:
            _write(store, 150, seed)
            made.append(_rows(store))
    first, again, other = made
    assert first == again
    assert {row[0] for row in first["payment"]}.isdisjoint(row[0] for row in other["payment"])


@pytest.mark.one_database
def test_nothing_in_it_looks_like_a_card_number_or_a_key(past: Store) -> None:
    """Whoever searches a copy of it for these must not be led astray."""
    for table, rows in _rows(past).items():
        content = "\n".join(str(value) for row in rows for value in row)
        assert list(scan_bytes(content.encode(), table)) == []


@pytest.mark.one_database
def test_books_that_are_not_empty_are_refused(store: Store) -> None:
    """A second past would be nobody's: the first one's numbers are taken."""
    _write(store, 20)
    before = _rows(store)
    with pytest.raises(StartRefused, match="CARDPAY_DATABASE_URL"):
        _write(store, 20, seed=2)
    assert _rows(store) == before


@pytest.mark.one_database
def test_live_keys_are_refused(store: Store) -> None:
    """Made-up money never stands beside real money."""
    with pytest.raises(StartRefused, match="STRIPE_SECRET_KEY"):
        _write(store, 20, account=StripeAccount(Mode.LIVE, "acct_1", livemode=True))
    assert _rows(store)["desk"] == []


def test_one_that_is_stopped_leaves_nothing(store: Store) -> None:
    """It may be begun again, with the tables as they were."""

    def stop(_share: float, _words: str) -> None:
        raise KeyboardInterrupt

    before = _rows(store)
    with pytest.raises(KeyboardInterrupt):
        _write(store, 200, told=stop)
    assert _rows(store) == before
    assert migrate.differences(store.engine) == []
    assert _write(store, 200).counts["payments"] == 200


@pytest.mark.one_database
def test_nothing_happens_after_its_last_day(past: Store) -> None:
    """So that it is the same whenever it is made."""
    ends_at = date(2026, 4, 1)
    with past.reading() as session:
        for payment in session.exec(select(Payment)):
            assert payment.updated_at.astimezone(UTC).date() < ends_at
        for movement in session.exec(select(BalanceTransaction)):
            assert movement.created_at.date() < ends_at

"""The totals of days are those that are counted by hand, kept or not, whatever changed since."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from cardpay.domain.business_days import Days
from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.domain.payment.refund import RefundStatus
from cardpay.domain.payment.totals import Split, Totals
from cardpay.storage.database.engine import Store, connect
from cardpay.storage.day_totals.kept_totals import (
    ReadTotals,
    days_of_books,
    days_to_keep,
    keep_day,
)
from cardpay.storage.day_totals.totals_of_a_day import parameters_of, totals_of_a_day
from cardpay.storage.schema.tables import (
    BalanceTransaction,
    DayTotal,
    Dispute,
    Payment,
    PaymentAttempt,
    Refund,
)
from tests.support.databases.counted_by_hand import CountedByHand, Found
from tests.support.databases.databases import Databases
from tests.support.databases.query_plans import plans
from tests.support.databases.year_of_books import CHANGES, PRODUCTS, ZONES, year_of_books
from tests.support.desks.worlds import AUDIT_KEYS
from tests.support.examples import examples

COUNT = 400
SPRING = Days(date(2026, 3, 24), date(2026, 4, 20))
YEAR = Days(date(2026, 1, 1), date(2026, 12, 31))
LONDON = ZONES[0]


@pytest.fixture(scope="module")
def by_hand(store: Store) -> CountedByHand:
    """Its rows."""
    with store.reading() as session:
        return CountedByHand(session)


@pytest.fixture(scope="module")
def store(databases: Databases, migrated: str) -> Iterator[Store]:
    """A year of payments; half of its days are kept, in London."""
    with databases.copy(migrated) as url:
        made = Store(connect(url), AUDIT_KEYS)
        with made.transaction() as session:
            rows = year_of_books(COUNT)
            session.add_all(row for row in rows if isinstance(row, Payment))
            session.flush()
            session.add_all(row for row in rows if not isinstance(row, Payment))
        for day in (day for day in YEAR.each() if day.day % 2):
            with made.transaction() as session:
                keep_day(session, day, LONDON)
        yield made
        made.close()


def read(session: Session, days: Days, zone: ZoneInfo, split: Split) -> Found:
    """What the totals say, without lines of nothing."""
    found = ReadTotals(session, days, zone).sums(days, split)
    return {key[1:]: totals for key, totals in found.items() if totals != Totals()}


@given(
    first=st.dates(date(2026, 2, 20), date(2026, 11, 10)),
    length=st.one_of(st.integers(1, 5), st.integers(6, 50)),
    zone=st.sampled_from(ZONES),
    split=st.sampled_from(Split),
)
@settings(
    max_examples=examples(10),
    deadline=None,
)
def test_the_totals_are_those_counted_by_hand(
    store: Store,
    by_hand: CountedByHand,
    first: date,
    length: int,
    zone: ZoneInfo,
    split: Split,
) -> None:
    """Of any days, in zones whose clock changes by an hour, half an hour, and at midnight."""
    days = Days(first, first + timedelta(days=length - 1))
    with store.reading() as session:
        assert read(session, days, zone, split) == by_hand.totals(days, zone, split)


@given(
    first=st.dates(date(2026, 2, 20), date(2026, 11, 10)),
    length=st.one_of(st.integers(1, 5), st.integers(6, 50)),
    zone=st.sampled_from(ZONES),
    split=st.sampled_from(Split),
    currency=st.sampled_from(("gbp", "eur", "chf")),
)
@settings(max_examples=examples(5), deadline=None)
def test_what_settled_in_a_currency_is_added_and_the_rest_left_out(
    store: Store,
    by_hand: CountedByHand,
    first: date,
    length: int,
    zone: ZoneInfo,
    split: Split,
    currency: str,
) -> None:
    """Each by its own balance transactions; what is left out, in the currency it was paid in."""
    days = Days(first, first + timedelta(days=length - 1))
    with store.reading() as session:
        totals = ReadTotals(session, days, zone)
        settled = totals.settled(days, currency, split)
        left_out = totals.left_out(days, currency)
        by_day = totals.settled(days, currency, split, by_day=True)
    found = {key[1:]: one for key, one in settled.items() if one != Totals()}
    assert found == by_hand.settled(days, zone, split, currency)
    added: defaultdict[tuple[str, str], Totals] = defaultdict(Totals)
    for (_, code, _), one in left_out.items():
        added[code, ""] += one
    assert added == by_hand.left_out(days, zone, currency)
    assert {day for day, *_ in left_out} <= set(days.each())
    for value in {value for _, _, value in settled}:
        of_days = [one for (*_, its), one in by_day.items() if its == value]
        assert sum(of_days, start=Totals()) == settled[None, currency, value]


def test_days_add_up(store: Store) -> None:
    """By day and for all days together, of one currency and of all."""
    with store.reading() as session:
        totals = ReadTotals(session, YEAR, LONDON)
        whole = totals.sums(YEAR, Split.PRODUCT)
        by_day = totals.sums(YEAR, Split.PRODUCT, by_day=True)
        pounds = totals.sums(YEAR, Split.PRODUCT, currency="gbp")
    added: defaultdict[tuple[str, str], Totals] = defaultdict(Totals)
    for (_, currency, value), one in by_day.items():
        added[currency, value] += one
    assert added == {key[1:]: one for key, one in whole.items()}
    assert pounds == {key: one for key, one in whole.items() if key[1] == "gbp"}
    assert {value for _, _, value in pounds} >= set(PRODUCTS)


def test_the_volume_of_a_day_in_sql_written_by_hand(store: Store) -> None:
    """On the Sunday of 23 hours."""
    query = (
        "SELECT count(*), sum(amount_received_minor) FROM payment WHERE currency = 'gbp'"
        " AND display_status IN ('Succeeded', 'Refunded', 'Partially refunded', 'Disputed',"
        " 'Dispute lost', 'Dispute won')"
        " AND succeeded_at >= '2026-03-29 00:00:00' AND succeeded_at < '2026-03-29 23:00:00'"
    )
    if store.engine.dialect.name == "postgresql":
        query = query.replace(":00'", ":00+00'")
    day = Days(date(2026, 3, 29), date(2026, 3, 29))
    with store.reading() as session:
        counted = session.connection().exec_driver_sql(query).one()
        (total,) = ReadTotals(session, day, LONDON).sums(day, currency="gbp").values()
    assert (total.payments, total.volume_minor) == tuple(counted)
    assert total.payments > 0


def test_what_came_in_in_pounds_in_sql_written_by_hand(store: Store) -> None:
    """By the charges' own balance transactions, in whatever currency they were paid."""
    query = (
        "SELECT count(*), sum(moved.gross_minor) FROM payment JOIN balance_transaction moved"
        " ON moved.stripe_source_id = payment.latest_charge_id AND moved.currency = 'gbp'"
        " WHERE display_status IN ('Succeeded', 'Refunded', 'Partially refunded', 'Disputed',"
        " 'Dispute lost', 'Dispute won')"
        " AND succeeded_at >= '2026-03-29 00:00:00' AND succeeded_at < '2026-04-05 23:00:00'"
        " AND NOT EXISTS (SELECT 1 FROM balance_transaction other WHERE other.currency = 'eur'"
        " AND other.stripe_source_id = payment.latest_charge_id)"
    )
    if store.engine.dialect.name == "postgresql":
        query = query.replace(":00'", ":00+00'")
    days = Days(date(2026, 3, 29), date(2026, 4, 5))
    with store.reading() as session:
        counted = session.connection().exec_driver_sql(query).one()
        totals = ReadTotals(session, days, LONDON)
        (settled,) = totals.settled(days, "gbp").values()
        every = totals.sums(days)
        left_out = totals.left_out(days, "gbp")
    assert (settled.payments, settled.volume_minor) == tuple(counted)
    paid_in = [one.payments for one in every.values()]
    assert len(paid_in) == 3
    assert sum(one.payments for one in left_out.values()) + settled.payments == sum(paid_in)


@pytest.fixture
def own_store(database_url: str) -> Iterator[Store]:
    """A few payments, all of whose days are kept."""
    made = Store(connect(database_url), AUDIT_KEYS)
    with made.transaction() as session:
        rows = year_of_books(40, seed=7, changes=CHANGES[:1])
        session.add_all(row for row in rows if isinstance(row, Payment))
        session.flush()
        session.add_all(row for row in rows if not isinstance(row, Payment))
    keep_all(made)
    yield made
    made.close()


def keep_all(store: Store, zone: ZoneInfo = LONDON) -> list[date]:
    """Keep what is to be kept; returns these days."""
    with store.transaction() as session:
        changed = days_to_keep(session, SPRING, zone)
        for day in changed:
            keep_day(session, day, zone)
    return changed


def settled_in_pounds(session: Session) -> Found:
    """What the totals say of what settled in pounds."""
    found = ReadTotals(session, SPRING, LONDON).settled(SPRING, "gbp")
    return {key[1:]: totals for key, totals in found.items()}


def a_day(rows: Sequence[Any], column: str) -> tuple[Any, set[date]]:
    """One of the rows, and its day."""
    row = rows[0]
    return row, {getattr(row, column).astimezone(LONDON).date()}


def _pay_more(session: Session) -> set[date]:
    paid = select(Payment).where(col(Payment.succeeded_at).is_not(None))
    payment, days = a_day(session.exec(paid).all(), "succeeded_at")
    payment.amount_received_minor += 1
    session.add(payment)
    return days


def _pay_later(session: Session) -> set[date]:
    paid = select(Payment).where(col(Payment.succeeded_at).is_not(None))
    payment, days = a_day(session.exec(paid).all(), "succeeded_at")
    payment.succeeded_at += timedelta(days=3)
    session.add(payment)
    return days | {day + timedelta(days=3) for day in days}


def _decline(session: Session) -> set[date]:
    attempt, days = a_day(session.exec(select(PaymentAttempt)).all(), "created_at")
    attempt.outcome = AttemptOutcome.DECLINED
    session.add(attempt)
    payment = session.get(Payment, attempt.payment_id)
    assert payment
    return days | {payment.created_at.astimezone(LONDON).date()}


def _refund_late(session: Session) -> set[date]:
    paid = select(Payment).where(col(Payment.succeeded_at).is_not(None))
    payment, days = a_day(session.exec(paid).all(), "succeeded_at")
    session.add(
        Refund(
            id="late",
            stripe_account_id="acct_1",
            livemode=False,
            payment_id=payment.id,
            stripe_refund_id="re_late",
            stripe_balance_transaction_id="txn_late",
            status=RefundStatus.SUCCEEDED,
            amount_minor=1,
            currency=payment.currency,
            created_at=datetime(2026, 4, 18, 12, tzinfo=UTC),
            updated_at=datetime(2026, 4, 18, 12, tzinfo=UTC),
        )
    )
    return days | {date(2026, 4, 18)}


def _fee_late(session: Session) -> set[date]:
    paid = select(Payment).where(col(Payment.latest_charge_id).is_not(None))
    payment, days = a_day(session.exec(paid).all(), "succeeded_at")
    session.add(
        BalanceTransaction(
            id="txn_late",
            stripe_account_id="acct_1",
            livemode=False,
            stripe_balance_transaction_id="txn_late",
            stripe_source_id=payment.latest_charge_id,
            type="charge",
            fee_minor=7,
            net_minor=-7,
            currency="gbp",
            created_at=datetime(2026, 4, 18, 12, tzinfo=UTC),
        )
    )
    return days


def _dispute_end(session: Session) -> set[date]:
    dispute, days = a_day(session.exec(select(Dispute)).all(), "created_at")
    dispute.amount_minor += 1
    session.add(dispute)
    return days


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    "change", [_pay_more, _pay_later, _decline, _refund_late, _fee_late, _dispute_end]
)
def test_a_change_is_told_and_kept(
    own_store: Store, change: Callable[[Session], set[date]]
) -> None:
    """At once for who reads, and afterwards in the table; other days are left alone."""
    with own_store.transaction() as session:
        days = change(session)
    with own_store.reading() as session:
        counted = CountedByHand(session)
        expected = {split: counted.totals(SPRING, LONDON, split) for split in Split}
        assert {split: read(session, SPRING, LONDON, split) for split in Split} == expected
        settled = counted.settled(SPRING, LONDON, Split.NOTHING, "gbp")
        assert settled_in_pounds(session) == settled
    kept = keep_all(own_store)
    assert days <= set(kept)
    assert len(kept) < 10
    with own_store.reading() as session:
        assert {split: read(session, SPRING, LONDON, split) for split in Split} == expected
        assert settled_in_pounds(session) == settled
        assert days_to_keep(session, SPRING, LONDON) == []


def test_a_change_that_is_taken_back_changes_nothing(own_store: Store) -> None:
    """What tells of it goes with it."""

    def stopped() -> None:
        with own_store.transaction() as session:
            _pay_more(session)
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stopped()
    assert keep_all(own_store) == []


def test_another_time_zone_keeps_every_day_anew(own_store: Store) -> None:
    """Until then nothing of the old days is read."""
    other = ZONES[1]
    with own_store.reading() as session:
        expected = CountedByHand(session).totals(SPRING, other, Split.HOUR)
        assert read(session, SPRING, other, Split.HOUR) == expected
    assert len(keep_all(own_store, other)) == SPRING.count()
    with own_store.reading() as session:
        assert read(session, SPRING, other, Split.HOUR) == expected


def test_the_kept_rows_alone_are_read(own_store: Store) -> None:
    """Where nothing has changed, the books are not counted again."""
    with own_store.transaction() as session:
        session.execute(update(DayTotal).values(volume_minor=0))
    with own_store.reading() as session:
        found = ReadTotals(session, SPRING, LONDON).sums(SPRING, by_day=True)
    assert {one.volume_minor for one in found.values()} == {0}


def test_the_days_of_the_books(own_store: Store) -> None:
    """From the first payment until today; today alone without any."""
    now = datetime(2026, 4, 20, 23, 30, tzinfo=UTC)
    with own_store.transaction() as session:
        first = min(one.created_at for one in session.exec(select(Payment)))
        assert days_of_books(session, ZONES[2], now) == Days(
            first.astimezone(ZONES[2]).date(), date(2026, 4, 21)
        )
        for table in (BalanceTransaction, Dispute, Refund, PaymentAttempt, Payment):
            session.execute(delete(table))
        assert days_of_books(session, LONDON, now).count() == 1


def test_a_day_is_found_by_its_time_alone(own_store: Store) -> None:
    """Whatever else an index could find: no other way is as short among a million."""
    with plans(own_store) as steps, own_store.reading() as session:
        session.connection().execute(totals_of_a_day(), parameters_of(date(2026, 3, 29), LONDON))
    read = "\n".join(steps)
    # PostgreSQL chooses by how many rows there are, and here are none.
    by_time = (
        "ix_payment_succeeded_at",
        "ix_payment_created_at_id",
        "ix_refund_created_at",
        "ix_dispute_created_at",
    )
    if own_store.engine.dialect.name == "sqlite":
        assert [index for index in by_time if index not in read] == []
        assert "SCAN balance_transaction" not in read
    assert "ix_payment_display_status" not in read

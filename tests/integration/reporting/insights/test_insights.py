"""Insights' numbers are those of the list's filter and of the report, for any choice of days."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlmodel import col

from cardpay.domain.access.actor import SYSTEM, Actor
from cardpay.domain.access.permissions import Role
from cardpay.domain.business_days import Days
from cardpay.domain.errors import InvalidInput
from cardpay.domain.payment.attempt import FAILED_ATTEMPTS
from cardpay.domain.payment.totals import Split, Totals
from cardpay.reporting.attempts.attempt_filter import AttemptFilter
from cardpay.reporting.attempts.attempts_list import attempt_sums
from cardpay.reporting.insights.insights import Insights, InsightsFilter, insights
from cardpay.reporting.insights.report import ReportKey, report
from cardpay.reporting.insights.reporting_currency import reporting_currency
from cardpay.reporting.insights.steps import Comparison, Step
from cardpay.reporting.payments.payment_filter import DayOf, PaymentFilter, conditions
from cardpay.storage.database.engine import Store, connect
from cardpay.storage.day_totals.kept_totals import keep_day
from cardpay.storage.schema.tables import BalanceTransaction, Payment, PaymentAttempt
from tests.support.databases.databases import Databases
from tests.support.databases.year_of_books import CHANGES, PRODUCTS, ZONES, year_of_books
from tests.support.desks.worlds import AUDIT_KEYS
from tests.support.examples import examples

NOW = datetime(2026, 4, 20, 12, tzinfo=UTC)
# All four clocks change in this spring.
SPRING = (CHANGES[0], CHANGES[2], CHANGES[4], CHANGES[6])
LONDON = ZONES[0]
ANALYST = Actor("analyst-1", frozenset({Role.ANALYST}), "test")
FEBRUARY = Days(date(2026, 2, 1), date(2026, 2, 28))


@pytest.fixture(scope="module")
def store(databases: Databases, migrated: str) -> Iterator[Store]:
    """Payments of a few weeks, whose days are kept in one of the zones."""
    with databases.copy(migrated) as url:
        made = Store(connect(url), AUDIT_KEYS)
        with made.transaction() as session:
            rows = year_of_books(300, seed=11, changes=SPRING)
            session.add_all(row for row in rows if isinstance(row, Payment))
            session.flush()
            session.add_all(row for row in rows if not isinstance(row, Payment))
            for day in Days(date(2026, 3, 1), NOW.date()).each():
                keep_day(session, day, LONDON)
        yield made
        made.close()


def listed(store: Store, chosen: PaymentFilter, zone: ZoneInfo) -> tuple[int, int]:
    """How many payments the list's filter finds, and what was received of them."""
    with store.reading() as session:
        found = session.execute(
            select(func.count(), func.coalesce(func.sum(Payment.amount_received_minor), 0)).where(
                *conditions(session, chosen, zone)
            )
        ).one()
    return found[0], int(found[1])


def seen(store: Store, days: Days, zone: ZoneInfo = LONDON, **chosen: object) -> Insights:
    """What Insights shows of them."""
    wanted = InsightsFilter(days, **chosen)  # type: ignore[arg-type]
    found = insights(store, ANALYST, wanted, zone, NOW)
    assert found is not None
    return found


@given(
    first=st.dates(date(2026, 3, 6), date(2026, 4, 12)),
    length=st.integers(1, 40),
    zone=st.sampled_from(ZONES),
    step=st.sampled_from(Step),
    comparison=st.sampled_from(Comparison),
)
@settings(max_examples=examples(4), deadline=None)
def test_numbers_are_those_of_the_list_and_of_the_report(
    store: Store, first: date, length: int, zone: ZoneInfo, step: Step, comparison: Comparison
) -> None:
    """Every mark's own, and their sum, in every currency."""
    last = min(first + timedelta(days=length - 1), NOW.date())
    days = Days(first, last)
    lines = report(store, ANALYST, days, [ReportKey.CURRENCY], zone).sums
    shown = insights(store, ANALYST, InsightsFilter(days), zone, NOW)
    in_currencies = shown.payments_in if shown else {}
    assert {line.currency: line.payments for line in lines} == {
        currency: payments for currency, payments in in_currencies.items() if payments
    }
    for currency in in_currencies:
        found = seen(store, days, zone, currency=currency, step=step, comparison=comparison)
        wanted = PaymentFilter(days=days, by=DayOf.PAID, currency=currency)
        totals = found.now.totals
        assert (totals.payments, totals.volume_minor) == listed(store, wanted, zone)
        for one in found.now.steps[:3]:
            of_step = PaymentFilter(days=one.days, by=DayOf.PAID, currency=currency)
            shown_of_step = (one.totals.payments, one.totals.volume_minor)
            assert shown_of_step == listed(store, of_step, zone)
        for part in found.parts[:2]:
            of_part = PaymentFilter(
                days=days, by=DayOf.PAID, currency=currency, product=part.value
            )
            shown_of_part = (part.totals.payments, part.totals.volume_minor)
            assert shown_of_part == listed(store, of_part, zone)
        for (weekday, hour), its in sorted(found.hours.items())[:2]:
            of_hour = replace(wanted, weekday_and_hour=f"{weekday}-{hour:02}")
            assert (its.payments, its.volume_minor) == listed(store, of_hour, zone)
        hours = sum(one.payments for one in found.hours.values())
        assert hours == totals.payments
        declined = sum(part.totals.attempts_declined for part in found.reasons)
        assert declined == totals.attempts_declined
        for part in found.reasons:
            if part.value:
                of_reason = AttemptFilter(
                    days,
                    FAILED_ATTEMPTS,
                    currency,
                    decline_codes=frozenset(part.value.split(",")),
                )
                (opened,) = attempt_sums(store, ANALYST, zone, of_reason)
                assert opened.rows == part.totals.attempts_declined


@given(
    first=st.dates(date(2026, 3, 6), date(2026, 4, 12)),
    length=st.integers(1, 40),
    zone=st.sampled_from(ZONES),
    step=st.sampled_from(Step),
    currency=st.sampled_from(("gbp", "eur", "chf")),
)
@settings(max_examples=examples(4), deadline=None)
def test_all_in_one_currency_is_what_settled_in_it(
    store: Store, first: date, length: int, zone: ZoneInfo, step: Step, currency: str
) -> None:
    """As the list and the report have it; what is left out is listed, too, and nothing is lost."""
    days = Days(first, min(first + timedelta(days=length - 1), NOW.date()))
    shown = insights(
        store, ANALYST, InsightsFilter(days, step=step, reporting=currency), zone, NOW
    )
    told = report(store, ANALYST, days, [ReportKey.DAY], zone, currency)
    if shown is None:
        assert (told.lines, told.left_out) == ((), ())
        return
    wanted = PaymentFilter(days=days, by=DayOf.PAID, settled_in=currency)
    totals = shown.now.totals
    gross = settled_by_hand(store, wanted, zone, currency)
    assert (totals.payments, totals.volume_minor) == gross
    assert sum(line.payments for line in told.sums) == totals.payments
    assert sum(line.volume_minor for line in told.sums) == totals.volume_minor
    left_out: dict[str, tuple[int, int]] = {}
    for one in shown.now.left_out:
        payments, volume = left_out.get(one.currency, (0, 0))
        its = one.totals
        left_out[one.currency] = (payments + its.payments, volume + its.volume_minor)
    left_out = {code: sums for code, sums in left_out.items() if sums[0]}
    assert left_out == {
        line.currency: (line.payments, line.volume_minor) for line in told.left_out
    }
    for code, sums in left_out.items():
        of_rest = PaymentFilter(days=days, by=DayOf.PAID, currency=code, not_settled_in=currency)
        assert sums == listed(store, of_rest, zone)
    every = sum(payments for payments, _ in left_out.values()) + totals.payments
    assert every == sum(shown.payments_in.values())
    for part in (*shown.parts[:2], *shown.parts[-1:]):
        of_part = replace(wanted, product=part.value)
        of_it = settled_by_hand(store, of_part, zone, currency)
        assert of_it == (part.totals.payments, part.totals.volume_minor)


def settled_by_hand(
    store: Store, chosen: PaymentFilter, zone: ZoneInfo, currency: str
) -> tuple[int, int]:
    """How many payments the list's filter finds, and what their charges moved."""
    with store.reading() as session:
        found = session.execute(select(Payment).where(*conditions(session, chosen, zone)))
        ids = {one.id for one in found.scalars()}
        charges = {
            one.stripe_charge_id
            for one in session.execute(select(PaymentAttempt)).scalars()
            if one.payment_id in ids
        }
        moved = [
            one
            for one in session.execute(select(BalanceTransaction)).scalars()
            if one.stripe_source_id in charges
        ]
    assert {one.currency for one in moved} <= {currency}
    return len(ids), sum(one.gross_minor for one in moved)


def test_what_a_card_s_country_brings_is_what_the_list_finds(store: Store) -> None:
    """Of the charge that was paid, whatever other cards were tried."""
    days = Days(date(2026, 3, 1), date(2026, 4, 20))
    found = seen(store, days, currency="gbp", split=Split.COUNTRY)
    countries = [part for part in found.parts if part.value]
    assert {part.value for part in countries} == {"GB", "US"}
    for part in countries:
        wanted = PaymentFilter(days=days, by=DayOf.PAID, currency="gbp", country=part.value)
        assert listed(store, wanted, LONDON) == (part.totals.payments, part.totals.volume_minor)


def test_the_currency_of_all_is_chosen_or_the_only_one_of_the_balance(
    store: Store, database_url: str
) -> None:
    """Of several none is guessed; without any there is none."""
    assert reporting_currency(store, ANALYST, "") == ""
    assert reporting_currency(store, ANALYST, "eur") == "eur"
    own = Store(connect(database_url), AUDIT_KEYS)
    try:
        assert reporting_currency(own, ANALYST, "") == ""
        with own.transaction() as session:
            session.add(
                BalanceTransaction(
                    id="one",
                    stripe_account_id="acct_1",
                    livemode=False,
                    stripe_balance_transaction_id="txn_1",
                    type="charge",
                    currency="usd",
                    created_at=NOW,
                )
            )
        assert reporting_currency(own, ANALYST, "") == "usd"
    finally:
        own.close()


def test_the_report_by_everything_adds_up(store: Store) -> None:
    """Whatever it is grouped by, to the same sums; a day's week and month are its own."""
    days = Days(date(2026, 3, 1), date(2026, 4, 30))
    plain = report(store, SYSTEM, days, [ReportKey.CURRENCY], LONDON)
    every = report(store, SYSTEM, days, list(ReportKey), LONDON)
    assert every.sums == plain.sums
    assert sum(line.payments for line in every.lines) == sum(one.payments for one in plain.sums)
    assert {line.group[list(ReportKey).index(ReportKey.PRODUCT)] for line in every.lines} <= {
        *PRODUCTS
    }
    for line in every.lines:
        day, week, month = map(date.fromisoformat, line.group[:3])
        assert week.weekday() == 0
        assert week <= day < week + timedelta(days=7)
        assert month == day.replace(day=1)


def test_it_is_compared_with_the_range_before(store: Store) -> None:
    """The other side has its own days, steps and net."""
    days = Days(date(2026, 3, 29), date(2026, 4, 11))
    found = seen(store, days, currency="gbp")
    assert found.before is not None
    assert found.before.days == Days(date(2026, 3, 15), date(2026, 3, 28))
    assert found.before == seen(store, found.before.days, currency="gbp").now
    assert len(found.now.steps) == 14
    assert {money.currency for money in found.now.net} == {"eur", "gbp"}
    a_year_before = seen(store, days, comparison=Comparison.YEAR_BEFORE).before
    assert a_year_before is not None
    assert a_year_before.totals == Totals()
    assert seen(store, days, comparison=Comparison.NOTHING).before is None


def test_open_ends_are_those_of_the_books(store: Store) -> None:
    """Nothing before the first payment or after today, and nothing at all of other days."""
    found = seen(store, Days())
    assert found.now.days.last == NOW.date()
    with store.reading() as session:
        first = session.execute(select(func.min(col(Payment.created_at)))).scalar_one()
    assert found.now.days.first == first.astimezone(LONDON).date()
    assert insights(store, ANALYST, InsightsFilter(FEBRUARY), LONDON, NOW) is None


def test_no_more_than_twenty_years_are_shown(store: Store) -> None:
    """Each day is counted for every chart; in the books they may be of another century."""
    decades_on = NOW + timedelta(days=366 * 30)
    with pytest.raises(InvalidInput, match="twenty years or less"):
        insights(store, ANALYST, InsightsFilter(Days()), LONDON, decades_on)
    lately = InsightsFilter(Days(FEBRUARY.first, NOW.date()))
    assert insights(store, ANALYST, lately, LONDON, decades_on) is not None


def test_an_unknown_currency_is_the_one_with_most_payments(store: Store) -> None:
    """A link may name one that these days do not have."""
    assert seen(store, Days(), currency="chf").currency == "gbp"
    assert seen(store, Days(), currency="jpy", split=Split.TAKEN_BY).currency == "jpy"

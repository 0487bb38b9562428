"""Any filter finds what plain Python finds, on every page, in every order, and the sums agree."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlmodel import col

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Role
from cardpay.domain.business_days import ALL_DAYS, Days, business_day
from cardpay.domain.errors import InvalidInput
from cardpay.domain.money import THREE_DECIMAL, ZERO_DECIMAL
from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.domain.payment.display_status import PAID, DisplayStatus
from cardpay.reporting.paging import Cursor
from cardpay.reporting.payments import payments_list
from cardpay.reporting.payments.filter_choices import filter_choices
from cardpay.reporting.payments.payment_filter import DayOf, PaymentFilter, conditions
from cardpay.reporting.payments.payment_totals import payment_totals
from cardpay.reporting.payments.payments_list import (
    Paging,
    SortedBy,
    cursor_of_day,
    payments_page,
)
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import Payment, PaymentAttempt, PaymentLink
from tests.integration.payment_books import Books
from tests.support.examples import examples

ANALYST = Actor("analyst-1", frozenset({Role.ANALYST}), "test")
LONDON = ZoneInfo("Europe/London")
# Days of 23 and of 25 hours, and Lord Howe's of 23 and a half; Apia left a whole day out.
ZONES: Final = ("Europe/London", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia")
CHANGES: Final = (date(2024, 3, 10), date(2024, 3, 31), date(2024, 4, 7), date(2024, 10, 27))
NUMBER: Final = 160
BOOKS: Final[dict[str, Any]] = {"stripe_account_id": "acct_1", "livemode": False}
NOW = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Made:
    """A payment with what belongs to it, as it was made."""

    row: Payment
    decline_codes: frozenset[str]
    is_moto: bool
    by_link: bool


def _made(chance: random.Random, number: int) -> Made:
    at = datetime.combine(chance.choice(CHANGES), datetime.min.time(), UTC)
    at += timedelta(hours=chance.randint(-24, 48), minutes=chance.choice((0, 0, 30)))
    status = chance.choice([*PAID, DisplayStatus.DECLINED, DisplayStatus.CANCELLED])
    amount = chance.choice((500, 1_000, 24_500, 24_501))
    paid = status in PAID
    row = Payment(
        **BOOKS,
        id=f"varied-{number:04}",
        display_status=status,
        amount_minor=amount,
        amount_received_minor=chance.choice((amount, amount // 2)) if paid else 0,
        currency=chance.choice(("gbp", "eur", "jpy", "kwd")),
        product_name=chance.choice(("Boiler", "Visit")),
        order_reference=f"V-{number}",
        search_reference=f"v-{number}",
        taken_by=chance.choice(("person-1", "person-2")),
        taken_at_desk=chance.random() < 0.7,
        payment_method_type=chance.choice((None, "card", "klarna")),
        card_brand=chance.choice((None, "visa", "amex")),
        card_last4=chance.choice((None, "4242", "0005")),
        created_at=at,
        updated_at=at,
        succeeded_at=at + timedelta(minutes=chance.choice((0, 40, 1_500))) if paid else None,
    )
    codes = frozenset(chance.sample(("do_not_honor", "expired_card"), chance.randint(0, 2)))
    return Made(row, codes, chance.random() < 0.5, chance.random() < 0.3)


def _attempts(made: Made) -> Iterator[PaymentAttempt]:
    for number, code in enumerate([*sorted(made.decline_codes), None]):
        yield PaymentAttempt(
            **BOOKS,
            id=f"{made.row.id}-{number}",
            payment_id=made.row.id,
            outcome=AttemptOutcome.DECLINED if code else AttemptOutcome.SUCCEEDED,
            amount_minor=made.row.amount_minor,
            currency=made.row.currency,
            decline_code=code,
            moto=made.is_moto or None,
            created_at=made.row.created_at,
        )


@pytest.fixture(scope="module")
def varied(unchanged_books: Books) -> dict[str, Made]:
    """Payments of every kind, beside the others, by id."""
    chance = random.Random(16)
    made = [_made(chance, number) for number in range(NUMBER)]
    with unchanged_books.store.transaction() as session:
        session.add_all([one.row for one in made])
        session.flush()
        for one in made:
            session.add_all(_attempts(one))
            if one.by_link:
                session.add(
                    PaymentLink(
                        **BOOKS, id=one.row.id, actor_id="person-1", expires_at=NOW, created_at=NOW
                    )
                )
    with unchanged_books.store.reading() as session:
        others = session.execute(
            select(Payment).where(col(Payment.id).startswith("payment-"))
        ).scalars()
        kept = {row.id: Made(row, frozenset(), is_moto=False, by_link=False) for row in others}
    return kept | {one.row.id: one for one in made}


def lets_through(chosen: PaymentFilter, made: Made, zone: ZoneInfo) -> bool:
    """The filter in plain words."""
    row = made.row
    at = row.succeeded_at if chosen.by is DayOf.PAID else row.created_at
    amount_is_meant = chosen.currency is not None or row.currency not in (
        ZERO_DECIMAL | THREE_DECIMAL
    )
    equal = (
        (chosen.currency, row.currency),
        (chosen.product, row.product_name),
        (chosen.taken_by, row.taken_by),
        (chosen.brand, row.card_brand),
        (chosen.last4, row.card_last4),
        (chosen.method, row.payment_method_type),
        (chosen.moto, made.is_moto),
        (chosen.by_link, made.by_link),
        (chosen.elsewhere, not row.taken_at_desk),
    )
    return (
        all(wanted is None or wanted == got for wanted, got in equal)
        and (not chosen.statuses or row.display_status in chosen.statuses)
        and (chosen.decline_code is None or chosen.decline_code in made.decline_codes)
        and _is_within(chosen.days, at, zone)
        and _is_between(chosen, row.amount_minor, is_meant=amount_is_meant)
    )


def _is_within(days: Days, at: datetime | None, zone: ZoneInfo) -> bool:
    if days == ALL_DAYS:
        return True
    if at is None:
        return False
    day = business_day(at, zone)
    return (days.first or date.min) <= day <= (days.last or date.max)


def _is_between(chosen: PaymentFilter, amount: int, *, is_meant: bool) -> bool:
    if chosen.amount_from is None and chosen.amount_to is None:
        return True
    least, most = chosen.amount_from or 0, chosen.amount_to or 10**9
    return is_meant and least <= amount <= most


def _maybe(*values: Any) -> st.SearchStrategy[Any]:
    """Mostly nothing: of filters that all say something, hardly any finds a payment."""
    return st.one_of(st.none(), st.none(), st.sampled_from(values))


_days = st.sampled_from(
    [day + timedelta(days=more) for day in CHANGES for more in (-1, 0, 1)]
).flatmap(
    lambda first: st.sampled_from(
        [
            ALL_DAYS,
            Days(first, first),
            Days(first, first + timedelta(days=30)),
            Days(first, None),
            Days(None, first),
        ]
    )
)
_filters = st.builds(
    PaymentFilter,
    statuses=st.sampled_from(
        [frozenset[DisplayStatus](), frozenset({DisplayStatus.DECLINED}), frozenset(PAID)]
    ),
    days=st.one_of(st.just(ALL_DAYS), _days),
    by=st.sampled_from(DayOf),
    currency=_maybe("gbp", "jpy"),
    amount_from=_maybe(1_000, 24_500),
    amount_to=_maybe(1_000, 24_500),
    product=_maybe("Boiler", "Consultation", "none"),
    taken_by=_maybe("person-1", "agent-1"),
    brand=_maybe("visa", "amex"),
    last4=_maybe("4242", "0005"),
    decline_code=_maybe("do_not_honor", "lost_card"),
    method=_maybe("card", "klarna"),
    moto=_maybe(True, False),
    by_link=_maybe(True, False),
    elsewhere=_maybe(True, False),
)


def _listed(store: Store, chosen: PaymentFilter, zone: ZoneInfo, sorted_by: SortedBy) -> list[str]:
    """All pages, in their order."""
    found: list[str] = []
    cursor: Cursor | None = None
    while True:
        page = payments_page(
            store, ANALYST, chosen, cursor, paging=Paging(sorted_by, 61), zone=zone, now=NOW
        )
        found += list(page.frame.index)
        cursor = page.older
        if cursor is None:
            return found


def _in_order(found: list[Made], sorted_by: SortedBy) -> list[str]:
    def place(one: Made) -> tuple[object, str]:
        row = one.row
        return (row.amount_minor if sorted_by.by_amount else row.created_at, row.id)

    return [one.row.id for one in sorted(found, key=place, reverse=not sorted_by.ascending)]


@given(
    chosen=_filters,
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    sorted_by=st.sampled_from(SortedBy),
    few=st.sampled_from((10_000, 0)),
)
@settings(max_examples=examples(15), deadline=None)
def test_every_filter_finds_what_it_says(
    unchanged_books: Books,
    varied: dict[str, Made],
    chosen: PaymentFilter,
    zone: ZoneInfo,
    sorted_by: SortedBy,
    few: int,
) -> None:
    """By either way to read; the totals are those of the rows."""
    store = unchanged_books.store
    expected = [made for made in varied.values() if lets_through(chosen, made, zone)]
    with patch.object(payments_list, "FEW", few):
        assert _listed(store, chosen, zone, sorted_by) == _in_order(expected, sorted_by)
        totals = payment_totals(store, ANALYST, chosen, zone, NOW)
    paid = [made.row for made in expected if made.row.display_status in PAID]
    received: Counter[str] = Counter()
    for row in paid:
        received[row.currency] += row.amount_received_minor
    assert totals.payments == len(expected)
    told = {one.received.currency: one for one in totals.by_currency}
    assert {code: one.received.amount_minor for code, one in told.items() if one.paid} == received
    counted = Counter(made.row.currency for made in expected)
    assert {code: one.payments for code, one in told.items()} == counted
    assert sum(one.paid for one in totals.by_currency) == len(paid)
    with store.reading() as session:
        holds = conditions(session, chosen, zone)
        ids = session.execute(select(col(Payment.id)).where(*holds)).scalars()
        assert set(ids) == {made.row.id for made in expected}


@pytest.mark.parametrize("sorted_by", [SortedBy.NEWEST, SortedBy.OLDEST])
def test_the_list_goes_to_a_day(
    unchanged_books: Books, varied: dict[str, Made], sorted_by: SortedBy
) -> None:
    """Its newest payment first, or its oldest; what is before it is a page away."""
    day = date(2024, 3, 31)
    cursor = cursor_of_day(day, LONDON, sorted_by)
    page = payments_page(
        unchanged_books.store,
        ANALYST,
        PaymentFilter(),
        cursor,
        paging=Paging(sorted_by, 5),
        now=NOW,
    )
    every = _in_order(list(varied.values()), sorted_by)
    on_day = [key for key in every if business_day(varied[key].row.created_at, LONDON) == day]
    begins = every.index(on_day[0])
    assert list(page.frame.index) == every[begins : begins + 5]
    assert page.newer is not None


def test_an_hour_of_the_week_is_of_ten_years_at_most(books: Books) -> None:
    """A statement names each day's hour; one payment with an absurd time makes centuries."""
    books.add(1_000, created_at=datetime(1970, 1, 1, tzinfo=UTC))
    chosen = PaymentFilter(weekday_and_hour="1-10")
    with pytest.raises(InvalidInput, match="ten years or less"):
        payments_page(books.store, ANALYST, chosen, now=NOW, zone=LONDON)
    lately = replace(chosen, days=Days(date(2016, 1, 1), None))
    payments_page(books.store, ANALYST, lately, now=NOW, zone=LONDON)


def test_the_filters_offer_what_the_books_have(
    unchanged_books: Books, varied: dict[str, Made]
) -> None:
    """Each value once, sorted; a colleague without a name by id."""
    offered = filter_choices(unchanged_books.store, ANALYST, NOW)
    assert offered.currencies == tuple(sorted({made.row.currency for made in varied.values()}))
    assert offered.products == ("Boiler", "Consultation", "Visit")
    assert offered.people == {one: one for one in ("agent-1", "person-1", "person-2")}
    assert offered.brands == ("amex", "visa")
    assert offered.methods == ("card", "klarna")
    assert offered.decline_codes == ("do_not_honor", "expired_card")


def test_the_filters_offer_nothing_of_what_is_hidden(
    unchanged_books: Books, varied: dict[str, Made]
) -> None:
    """To who sees their own payments, and those of a day, alone."""
    agent = Actor("person-1", frozenset({Role.AGENT}), "test")
    own = [made.row for made in varied.values() if made.row.taken_by == "person-1"]
    offered = filter_choices(unchanged_books.store, agent, NOW + timedelta(days=400))
    assert 0 < len(own) < len(varied)
    assert offered.people == {"person-1": "person-1"}
    assert offered.products == tuple(sorted({row.product_name for row in own}))
    assert offered.currencies == tuple(sorted({row.currency for row in own}))
    assert set(offered.brands) == {row.card_brand for row in own} - {None}

"""An agent sees their own payments and the recent ones, by list, search and link; others all."""

from datetime import timedelta

import pytest

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import RECENT_HOURS, Role
from cardpay.domain.errors import PaymentNotFound
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.reporting.paging import Cursor
from cardpay.reporting.payment_page.payment_details import payment_details
from cardpay.reporting.payments import payments_list
from cardpay.reporting.payments.payment_filter import PaymentFilter
from cardpay.reporting.payments.payments_list import Paging, payments_page
from tests.integration.payment_books import START, Books
from tests.support.databases.query_plans import plans

ALL = PaymentFilter()
_RECENT = timedelta(hours=RECENT_HOURS)
NOW = START + timedelta(hours=RECENT_HOURS, minutes=200)  # payments 201 to 239 are recent
OLD_OWN, OLD_OTHERS, RECENT_OTHERS = 1_001, 1_002, 1_003


def agent(*more: Role) -> Actor:
    """Somebody who took few of the payments."""
    return Actor("agent-2", frozenset({Role.AGENT, *more}), "test")


@pytest.fixture(scope="module")
def shared(unchanged_books: Books) -> Books:
    """Books with three payments more; no test here adds another."""
    at = {"created_at": START - timedelta(days=9)}
    books = unchanged_books
    books.add(OLD_OWN, taken_by="agent-2", **at)
    books.add(OLD_OTHERS, **at)
    books.add(RECENT_OTHERS, created_at=NOW - timedelta(hours=1))
    return books


def listed(books: Books, actor: Actor, chosen: PaymentFilter = ALL) -> list[str]:
    """All pages, in their order."""
    found: list[str] = []
    cursor: Cursor | None = None
    while True:
        page = payments_page(books.store, actor, chosen, cursor, paging=Paging(rows=7), now=NOW)
        found += list(page.frame.index)
        cursor = page.older
        if cursor is None:
            return found


def key(number: int) -> str:
    """A payment's id."""
    return f"payment-{number:05}"


def test_an_agent_lists_own_and_recent(shared: Books) -> None:
    """Newest first, over both parts, without gap or repeat."""
    recent = [made for made in shared.newest_first if shared.created_at[made] > NOW - _RECENT]
    assert len(recent) in range(30, 50)
    assert listed(shared, agent()) == [key(RECENT_OTHERS), *recent, key(OLD_OWN)]


@pytest.mark.parametrize("role", [Role.ANALYST, Role.SUPERVISOR, Role.ADMIN])
def test_the_other_roles_list_all(shared: Books, role: Role) -> None:
    """An agent who is something else besides sees all as well."""
    for actor in (Actor("x", frozenset({role}), "test"), agent(role)):
        assert len(listed(shared, actor)) == len(shared.newest_first) + 3


@pytest.mark.parametrize("few", [20_000, 0], ids=["few matches", "many matches"])
@pytest.mark.parametrize("number", [OLD_OWN, RECENT_OTHERS, OLD_OTHERS])
def test_a_search_finds_no_more(
    shared: Books, monkeypatch: pytest.MonkeyPatch, few: int, number: int
) -> None:
    """By order reference, by PaymentIntent and by our own id, with a status and without."""
    monkeypatch.setattr(payments_list, "FEW", few)
    visible = [] if number == OLD_OTHERS else [key(number)]
    for search in (f"SO-{number:05}", f"pi_{number:05}", key(number)):
        for statuses in (frozenset[DisplayStatus](), frozenset({DisplayStatus.SUCCEEDED})):
            assert listed(shared, agent(), PaymentFilter(statuses, search)) == visible


@pytest.mark.parametrize("number", [OLD_OWN, RECENT_OTHERS])
def test_a_link_opens_own_and_recent(shared: Books, number: int) -> None:
    """With all its details."""
    assert payment_details(shared.store, agent(), key(number), now=NOW).payment_id == key(number)


def test_a_link_to_another_payment_opens_nothing(shared: Books) -> None:
    """It is told apart by nothing from a payment that does not exist."""
    with pytest.raises(PaymentNotFound):
        payment_details(shared.store, agent(), key(OLD_OTHERS), now=NOW)
    found = payment_details(shared.store, agent(Role.ANALYST), key(OLD_OTHERS), now=NOW)
    assert found.payment_id == key(OLD_OTHERS)


@pytest.mark.parametrize(
    "statuses", [frozenset[DisplayStatus](), frozenset({DisplayStatus.SUCCEEDED})]
)
def test_an_agents_list_uses_indexes(shared: Books, statuses: frozenset[DisplayStatus]) -> None:
    """Their few payments among millions are not looked for one by one."""
    with plans(shared.store) as steps:
        payments_page(shared.store, agent(), PaymentFilter(statuses), now=NOW)
    drawn = "\n".join(steps)
    assert "ix_payment_taken_by" in drawn or statuses, drawn
    assert not [step for step in steps if "Seq Scan on payment" in step or step == "SCAN payment"]

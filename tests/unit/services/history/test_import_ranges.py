"""Which stretch of which list a thread of an import is given."""

from dataclasses import dataclass
from datetime import datetime

import pytest

from cardpay.domain.history.list_kinds import ListKind
from cardpay.gateway.pagination import PAGE_SIZE, ListPage
from cardpay.services.history.import_work_sharing import Range, Ranges, as_time

_CHARGES_FIRST = tuple(ListKind)
_SETTLED_FIRST = (ListKind.PAYMENT_INTENTS, ListKind.BALANCE_TRANSACTIONS, ListKind.CHARGES)
_LAST = 1_000 * PAGE_SIZE


@dataclass(frozen=True)
class _Thing:
    created_at: datetime


def _page(newest: int) -> ListPage[_Thing]:
    """A full page of one thing a second, with more behind it."""
    found = tuple(_Thing(as_time(newest - place)) for place in range(PAGE_SIZE))
    return ListPage(found, has_more=True, last_id=f"thing-{newest - PAGE_SIZE + 1}")


@pytest.fixture
def ranges() -> Ranges:
    """One stretch of each list."""
    return Ranges([Range(kind, 0, _LAST) for kind in ListKind], lambda _first, _second: None)


def _store_payment_intents(ranges: Ranges) -> None:
    ranges.every[0].fetched_all = True
    ranges.note_stored(ranges.every[0])


def test_a_charge_waits_for_its_payment(ranges: Ranges) -> None:
    """Nothing but what needs no payment is handed out before all payments are stored."""
    work = ranges.work(_CHARGES_FIRST)
    assert next(work).kind is ListKind.PAYMENT_INTENTS
    assert next(work).kind is ListKind.BALANCE_TRANSACTIONS
    _store_payment_intents(ranges)
    assert next(work).kind is ListKind.CHARGES


def test_a_stretch_is_one_threads_until_its_page_is_on_its_way(ranges: Ranges) -> None:
    """Then whoever is free goes on behind that page."""
    mine = next(ranges.work(_CHARGES_FIRST))
    ranges.note_fetched(mine, _page(_LAST))
    other = next(ranges.work(_CHARGES_FIRST))
    assert other is not mine
    ranges.put_back(mine)
    assert next(ranges.work(_CHARGES_FIRST)) is mine
    assert mine.cursor == f"thing-{_LAST - PAGE_SIZE + 1}"


def test_two_lists_are_fetched_side_by_side(ranges: Ranges) -> None:
    """A thread halves a stretch of its own list rather than go on with another one's."""
    _store_payment_intents(ranges)
    charges = next(ranges.work(_CHARGES_FIRST))
    settled = next(ranges.work(_SETTLED_FIRST))
    assert (charges.kind, settled.kind) == (ListKind.CHARGES, ListKind.BALANCE_TRANSACTIONS)
    ranges.note_fetched(charges, _page(_LAST))
    ranges.put_back(settled)
    half = next(ranges.work(_CHARGES_FIRST))
    assert half.kind is ListKind.CHARGES
    assert half.last + 1 == charges.first
    assert next(ranges.work(_SETTLED_FIRST)) is settled


def test_a_short_stretch_is_not_halved(ranges: Ranges) -> None:
    """A split costs a request; the thread takes another list instead."""
    _store_payment_intents(ranges)
    charges = next(ranges.work(_CHARGES_FIRST))
    ranges.note_fetched(charges, _page(4 * PAGE_SIZE))
    assert next(ranges.work(_CHARGES_FIRST)).kind is ListKind.BALANCE_TRANSACTIONS


def test_a_page_behind_the_stretch_ends_it(ranges: Ranges) -> None:
    """The older half was given away meanwhile, and that page reached into it."""
    mine = next(ranges.work(_CHARGES_FIRST))
    mine.first = _LAST - PAGE_SIZE // 2
    ranges.note_fetched(mine, _page(_LAST))
    assert mine.fetched_all


def test_every_thread_ends_when_all_is_fetched(ranges: Ranges) -> None:
    """Or when the import stops."""
    for one in ranges.every:
        one.fetched_all = True
    assert list(ranges.work(_CHARGES_FIRST)) == []
    ranges.every[0].fetched_all = False
    ranges.stop()
    assert list(ranges.work(_CHARGES_FIRST)) == []

"""Reads are counted together with other work, and end where the month's budget does."""

from dataclasses import replace

import pytest

from cardpay.services.desk import Desk
from cardpay.services.history import read_budget
from cardpay.services.history.read_budget import ReadBudget, ReadBudgetSpent, spent
from cardpay.storage.history import monthly_read_counts
from tests.support.desks.worlds import World


def _written(desk: Desk) -> int:
    account = (desk.account.stripe_account_id, desk.account.livemode)
    with desk.store.reading() as session:
        return monthly_read_counts.counted(session, account, read_budget.month(desk))


def test_counts_go_with_other_work(world: World) -> None:
    """They are written down with it, or stay in memory when it fails."""
    desk = world.desk
    before, begun = _written(desk), desk.gateway.reads.unsaved
    desk.gateway.reads.add(7)
    with pytest.raises(ZeroDivisionError), read_budget.transaction(desk):
        _ = 1 / 0
    assert (_written(desk), desk.gateway.reads.unsaved) == (before, begun + 7)
    with read_budget.transaction(desk):
        pass
    assert (_written(desk), desk.gateway.reads.unsaved) == (before + begun + 7, 0)
    assert spent(desk) == before + begun + 7


@pytest.mark.parametrize("written_each", [1, 7, 1_000], ids=["each", "some", "never"])
def test_the_budget_ends_exactly(world: World, written_each: int) -> None:
    """However often somebody else writes the counts down meanwhile."""
    desk = replace(world.desk, read_budget=spent(world.desk) + 120)
    budget = ReadBudget(desk)
    for number in range(120):
        budget.require()
        desk.gateway.reads.add()
        if number % written_each == 0:
            with read_budget.transaction(desk):
                pass
    with pytest.raises(ReadBudgetSpent):
        budget.require()
    assert spent(desk) == desk.read_budget


def test_whoever_writes_much_keeps_nobody_waiting(world: World) -> None:
    """While a writer is at work, a read that may be made is let through."""
    desk = world.desk
    budget = ReadBudget(desk)
    budget.require()
    desk.gateway.reads.add(49)
    with read_budget.transaction(desk):
        desk.gateway.reads.add(40)
        budget.require()  # it would wait for the database's only writer, and give up
    assert spent(desk) == _written(desk) + 40

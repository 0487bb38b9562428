"""A link and a card for one order: whoever comes first, and whatever goes wrong, one charge."""

from collections.abc import Iterator, Sequence
from random import Random
from unittest.mock import patch

import pytest
from _pytest.mark import ParameterSet

from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.stripe_facts import payment_fold
from tests.faults.links.card_and_link import (
    CARD_AFTER_LINK,
    IN_EVERY_ORDER,
    MEETINGS,
    Meeting,
    Mishap,
    meet,
)
from tests.faults.links.step_orders import orders

_LONGEST = 40
SAMPLE = 7


def _chance_order(chance: Random) -> list[int]:
    return [chance.randint(0, 1) for _ in range(_LONGEST)]


@pytest.mark.parametrize("meeting", MEETINGS, ids=lambda one: one.name)
def test_a_sample_of_orders(meeting: Meeting) -> None:
    """Some mishaps, each in one order of the steps."""
    chance = Random(0)
    for mishap in (Mishap(), *chance.sample(meeting.mishaps, SAMPLE)):
        order = _chance_order(chance)
        try:
            meet(meeting, mishap, order, with_events=True)
        except AssertionError as wrong:
            raise AssertionError(f"{mishap}, {order}") from wrong


def _cells() -> Iterator[ParameterSet]:
    for meeting in IN_EVERY_ORDER:
        for mishap in meeting.mishaps:
            yield pytest.param(meeting, mishap, id=f"{meeting.name}: {mishap}")


@pytest.mark.full
@pytest.mark.parametrize(("meeting", "mishap"), list(_cells()))
def test_every_order(meeting: Meeting, mishap: Mishap) -> None:
    """Every order of the steps, with this mishap."""

    def run(order: Sequence[int]) -> Sequence[tuple[int, int]]:
        try:
            return meet(meeting, mishap, order).choices
        except AssertionError as wrong:
            raise AssertionError(f"{mishap}, {order}") from wrong

    assert sum(1 for _ in orders(run)) > 1


def test_these_orders_find_a_link_that_is_given_up_too_soon() -> None:
    """With the order free before Stripe has said that the link expired, both are charged."""

    def at_once(*_: object, **__: object) -> DisplayStatus:
        return DisplayStatus.CANCELLED

    found = 0
    with patch.object(payment_fold, "link_display", at_once):
        chance = Random(0)
        for _ in range(10):
            try:
                meet(CARD_AFTER_LINK, Mishap(), _chance_order(chance))
            except AssertionError:
                found += 1
    assert found

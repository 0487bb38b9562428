"""Whichever way a story comes in, the same rows are left: webhooks, reconciliation or import."""

from collections.abc import Callable

import pytest

from tests.faults.events import event_stories
from tests.faults.events.event_orders import lived
from tests.faults.events.event_stories import STORIES
from tests.faults.events.ways_in import Tables, Told, by_every_way, given_by_every_way
from tests.support.desks import account_stories
from tests.support.desks.given_stripe import EXAMPLES, Happening, example

_FEW, _MANY = 3, 12  # orders of webhooks
# A few of each kind before every merge, all of them before a release.
_ALWAYS = {
    event_stories.decline_then_success,
    event_stories.refund_that_fails,
    event_stories.paid_out,
    account_stories.another_currency_after_a_decline,
    account_stories.a_hold_captured_in_part,
    account_stories.an_appeal,
    account_stories.a_payout_that_fails,
    account_stories.money_that_becomes_available,
    account_stories.charges_without_an_intent,
}
_EVENTS = {
    "payment_intent": "payment_intent.created",
    "charge": "charge.succeeded",
    "refund": "refund.created",
    "dispute": "charge.dispute.created",
    "payout": "payout.created",
}


def _some_always(stories: tuple[Callable[..., object], ...]) -> list[object]:
    return [
        pytest.param(
            story, id=story.__name__, marks=() if story in _ALWAYS else [pytest.mark.full]
        )
        for story in stories
    ]


def _are_equal(told: Told) -> None:
    first, *others = told.items()
    for way, rows in others:
        assert rows == first[1], (first[0], way)


@pytest.mark.parametrize("elsewhere", [True, False], ids=["elsewhere", "at the desk"])
@pytest.mark.parametrize("story", _some_always(STORIES))
def test_of_the_sandbox(story: event_stories.Story, tables: Tables, *, elsewhere: bool) -> None:
    """What happens to a payment, and to the money afterwards."""
    with lived(story, elsewhere=elsewhere) as made:
        _are_equal(by_every_way(made, tables, _FEW))


@pytest.mark.full
@pytest.mark.parametrize("elsewhere", [True, False], ids=["elsewhere", "at the desk"])
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_of_the_sandbox_in_many_orders(
    story: event_stories.Story, tables: Tables, *, elsewhere: bool
) -> None:
    """The same, with a second between all that happens."""
    with lived(story, pause_seconds=1, elsewhere=elsewhere) as made:
        _are_equal(by_every_way(made, tables, _MANY))


@pytest.mark.parametrize("story", _some_always(account_stories.STORIES))
def test_of_real_accounts(story: Callable[[], account_stories.Story], tables: Tables) -> None:
    """What the sandbox does not make."""
    _are_equal(given_by_every_way(story(), tables, _FEW))


@pytest.mark.full
@pytest.mark.parametrize("story", account_stories.STORIES, ids=lambda story: story.__name__)
def test_of_real_accounts_in_many_orders(
    story: Callable[[], account_stories.Story], tables: Tables
) -> None:
    """The same in many orders."""
    _are_equal(given_by_every_way(story(), tables, _MANY))


@pytest.mark.sampled(3)
@pytest.mark.parametrize("kind", _EVENTS)
@pytest.mark.parametrize("is_of_an_intent", [True, False])
def test_of_stripes_examples(kind: str, tables: Tables, *, is_of_an_intent: bool) -> None:
    """Each of Stripe's own example objects, with and without a PaymentIntent."""
    told = example(kind, str(EXAMPLES[kind]["id"]))
    others = []
    if kind == "payment_intent":
        told = EXAMPLES[kind] | {"created": told["created"]}
    elif is_of_an_intent and "payment_intent" in told:
        told["payment_intent"] = "pi_example"
        charge_id = str(told.get("charge", told["id"]))
        others.append(example("payment_intent", "pi_example", latest_charge=str(charge_id)))
        if kind != "charge":
            others.append(example("charge", str(charge_id), payment_intent="pi_example"))
    booked = str(EXAMPLES["charge"]["balance_transaction"])
    if any(one.get("balance_transaction") == booked for one in (told, *others)):
        others.append(example("balance_transaction", booked))
    _are_equal(given_by_every_way([Happening(_EVENTS[kind], told, others)], tables, 1))

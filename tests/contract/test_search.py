"""Searching: Stripe's query language, a minute late."""

from typing import Any

import pytest
import stripe

from tests.contract.api import Api

pytestmark = pytest.mark.sandbox_only(reason="Stripe's index is late by a time that nobody knows")


@pytest.fixture
def orders(api: Api) -> dict[str, str]:
    """The ids of three payments, by order; the last is unpaid."""
    ids = {
        "SO-1": api.paid(metadata={"order": "SO-1"}).id,
        "SO-2": api.paid(amount=5000, currency="eur", metadata={"order": "SO-2"}).id,
        "SO-3": api.intent(metadata={"order": "SO-3"}).id,
    }
    api.wait(minutes=1)
    return ids


def _found(api: Api, query: str) -> list[str]:
    page = api.client.v1.payment_intents.search({"query": query})
    return [one.metadata["order"] for one in page.data]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("metadata['order']:'SO-2'", ["SO-2"]),
        ('metadata["order"]~"SO-"', ["SO-3", "SO-2", "SO-1"]),
        ("status:'succeeded' AND currency:'usd'", ["SO-1"]),
        ("status:'succeeded' OR amount<2000", ["SO-3", "SO-2", "SO-1"]),
        ("amount>=5000", ["SO-2"]),
        ("-status:'succeeded'", ["SO-3"]),
        ("metadata['colour']:null", ["SO-3", "SO-2", "SO-1"]),
        ("-metadata['order']:null AND amount>1000", ["SO-2"]),
    ],
)
def test_a_query(api: Api, orders: dict[str, str], query: str, found: list[str]) -> None:
    """Newest first."""
    assert _found(api, query) == found


@pytest.mark.parametrize(
    "query",
    ["nonsense", "description:'x'", "amount>'x'", "amount>1 AND amount<5 OR currency:'usd'", "a:"],
)
def test_a_wrong_query(api: Api, query: str) -> None:
    """It is refused with the name of its parameter."""
    with pytest.raises(stripe.InvalidRequestError) as refused:
        _found(api, query)

    assert refused.value.param == "query"


def test_the_delay(api: Api) -> None:
    """What was created in the last minute is not found."""
    api.intent(metadata={"order": "new"})

    at_once = _found(api, "amount>0")
    api.wait(minutes=1)

    assert (at_once, _found(api, "amount>0")) == ([], ["new"])


def test_pages(api: Api, orders: dict[str, str]) -> None:
    """A page names the next one."""
    params: Any = {"query": "amount>0", "limit": 2}

    found = list(api.client.v1.payment_intents.search(params).auto_paging_iter())

    assert [one.id for one in found] == list(orders.values())[::-1]


def test_charges(api: Api, orders: dict[str, str]) -> None:
    """They are found by their card too."""
    page = api.client.v1.charges.search(
        {"query": "payment_method_details.card.last4:'4242' AND refunded:'false' AND amount>1000"}
    )

    assert [one.payment_intent for one in page.data] == [orders["SO-2"]]

"""Lists: order, both cursors, and `created` filters."""

from typing import Any

import pytest
import stripe

from tests.contract.api import Api


@pytest.fixture
def five(api: Api) -> list[str]:
    """Five PaymentIntents, newest first. In the sandbox the first two have the same second."""
    made = []
    for number in range(5):
        if api.sandbox is not None and number not in {0, 1}:
            api.wait(seconds=10)
        made.append(api.intent().id)
    return made[::-1]


def _ids(page: Any) -> list[str]:
    return [found.id for found in page.data]


def test_newest_first(api: Api, five: list[str]) -> None:
    """This holds within one second too."""
    assert _ids(api.client.v1.payment_intents.list({"limit": 5})) == five


def test_starting_after(api: Api, five: list[str]) -> None:
    """The page after an object."""
    page = api.client.v1.payment_intents.list({"limit": 2, "starting_after": five[1]})

    assert (_ids(page), page.has_more) == (five[2:4], True)


def test_ending_before(api: Api, five: list[str]) -> None:
    """The page before an object, still newest first."""
    page = api.client.v1.payment_intents.list({"limit": 2, "ending_before": five[4]})

    assert (_ids(page), page.has_more) == (five[2:4], True)


def test_all_pages(api: Api, five: list[str]) -> None:
    """The SDK's iterator returns every object once."""
    pages = api.client.v1.payment_intents.list({"limit": 2})
    found = [intent.id for intent, _ in zip(pages.auto_paging_iter(), five, strict=False)]

    assert found == five


@pytest.mark.sandbox_only(reason="it needs an empty account")
def test_the_last_page_says_so(api: Api, five: list[str]) -> None:
    """`has_more` is false exactly at the end, in both directions."""
    intents = api.client.v1.payment_intents

    assert intents.list({"limit": 5}).has_more is False
    assert intents.list({"limit": 4}).has_more is True
    assert intents.list({"limit": 4, "ending_before": five[4]}).has_more is False


@pytest.mark.sandbox_only(reason="it advances the clock")
@pytest.mark.parametrize(("bound", "expected"), [("gt", 1), ("gte", 2), ("lt", 3), ("lte", 4)])
def test_created(api: Api, five: list[str], bound: str, expected: int) -> None:
    """`gte` and `lte` include their second, `gt` and `lt` do not."""
    pivot = api.client.v1.payment_intents.retrieve(five[1]).created

    params: Any = {"created": {bound: pivot}}

    page = api.client.v1.payment_intents.list(params)

    assert len(page.data) == expected


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"starting_after": "pi_nothing"}, "starting_after"),
        ({"created": {"since": 1}}, "created[since]"),
    ],
)
def test_refused(api: Api, params: Any, param: str) -> None:
    """Parameters of a list request are validated too."""
    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.client.v1.payment_intents.list(params)

    assert refused.value.param == param


def test_expand_in_a_list(api: Api) -> None:
    """`data.latest_charge` saves a retrieve for each PaymentIntent."""
    api.paid()

    page = api.client.v1.payment_intents.list({"limit": 1, "expand": ["data.latest_charge"]})

    assert isinstance(page.data[0].latest_charge, stripe.Charge)


def test_one_cursor_at_a_time(api: Api, five: list[str]) -> None:
    """A page is after one object, or before one."""
    with pytest.raises(stripe.InvalidRequestError, match="only specify one"):
        api.client.v1.payment_intents.list({"starting_after": five[0], "ending_before": five[4]})

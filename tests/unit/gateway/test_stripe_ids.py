"""The forms of Stripe's ids and codes."""

import string
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from cardpay.gateway import snapshot_parsing
from cardpay.gateway.stripe_ids import is_stripe_code, is_stripe_id
from tests.support.desks.given_stripe import EXAMPLES

NUMBER = "4242424242424242"


@pytest.mark.parametrize(
    "good",
    [
        "ch_3MmlLrLkdIwHu7ix0snN0B15",
        "cs_test_a11YYufWQzNY63zpQ6QSNRQhkUpVph4WRmzW0zWJO2znZKdVujZ0N0S22u",
        "acct_1032D82eZvKYlo2C",
        "evt_00000000000000",  # of a test event from the dashboard
        "obj_123",
    ],
)
def test_ids_that_stripe_makes(good: str) -> None:
    """Letters, an underscore, and what was made at random."""
    assert is_stripe_id(good)


@pytest.mark.parametrize(
    "odd",
    [
        NUMBER,
        f"ch_{NUMBER}",
        "ch_4242_4242_4242_4242",
        "4242-4242-4242-4242",
        "25OFF",
        "ch_1\n",
        "ch_\0",
        "ch_\ud800",
        "ch_",
        "",
        "ch_" + "a" * 300,
        None,
        7,
        ["ch_1"],
    ],
    ids=repr,
)
def test_what_is_no_id(odd: object) -> None:
    """Whatever it is, it comes into no column."""
    assert not is_stripe_id(odd)


def test_no_id_made_at_random_passes_for_a_card_number() -> None:
    """Many digits alone refuse nothing."""
    chance = Random(1)
    letters = string.ascii_letters + string.digits
    assert all(is_stripe_id("ch_" + "".join(chance.choices(letters, k=24))) for _ in range(50_000))
    assert is_stripe_id("ch_1234567890123456789012AB")


def test_codes() -> None:
    """Of an answer's own words; a card number is none of them."""
    codes = ("requires_capture", "gbp", "2026-10-28.endive", "charge.dispute.funds_withdrawn")
    assert all(map(is_stripe_code, codes))
    assert not any(map(is_stripe_code, (NUMBER, "4242-4242-4242-4242", "", "g p", None, 7)))


def _ids_in(found: Any) -> Iterator[str]:
    if isinstance(found, dict):
        for name, value in found.items():
            if name == "id":
                yield value
            yield from _ids_in(value)
    elif isinstance(found, list):
        for value in found:
            yield from _ids_in(value)


@pytest.mark.parametrize("kind", EXAMPLES)
def test_every_example_of_stripes_is_read(kind: str) -> None:
    """With all ids in it."""
    assert list(_ids_in(EXAMPLES[kind]))
    assert all(map(is_stripe_id, _ids_in(EXAMPLES[kind])))
    getattr(snapshot_parsing, kind)(EXAMPLES[kind])


_NAMED = {
    "payment_intent": ("id", "payment_method", "latest_charge", "currency"),
    "charge": (
        *("id", "payment_intent", "payment_method", "balance_transaction", "transfer"),
        *("failure_balance_transaction", "currency", "status"),
    ),
    "refund": ("id", "charge", "payment_intent", "balance_transaction", "currency"),
    "dispute": ("id", "charge", "payment_intent", "balance_transactions", "currency"),
    "balance_transaction": ("id", "source", "type", "currency"),
    "payout": ("id", "balance_transaction", "failure_balance_transaction", "currency"),
}


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind, names in _NAMED.items() for name in names]
)
def test_a_card_number_in_place_of_an_id_is_unreadable(kind: str, name: str) -> None:
    """The object is asked for at Stripe, or set aside."""
    value = [NUMBER] if name == "balance_transactions" else NUMBER
    with pytest.raises(snapshot_parsing.WrongForm):
        getattr(snapshot_parsing, kind)({**EXAMPLES[kind], name: value})


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("dispute", {"charge": None}),
        ("dispute", {"balance_transactions": [None]}),
        ("charge", {"captured": "false"}),
        ("charge", {"disputed": 1}),
        ("payout", {"automatic": "no"}),
        ("payment_intent", {"client_secret": 7}),
        ("payment_intent", {"capture_method": ["x"]}),
    ],
    ids=str,
)
def test_no_other_form_is_read_as_something_else(kind: str, changes: dict[str, Any]) -> None:
    """A field that the desk relies on is what it should be, or the object is unreadable."""
    with pytest.raises(snapshot_parsing.WrongForm):
        getattr(snapshot_parsing, kind)({**EXAMPLES[kind], **changes})

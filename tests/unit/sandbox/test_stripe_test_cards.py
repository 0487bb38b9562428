"""The table of test cards."""

import re

import pytest

from cardpay.sandbox.http.api_errors import CardError
from cardpay.sandbox.http.asgi_app import BROWSER_SCRIPT
from cardpay.sandbox.stripe_test_cards import TEST_CARDS, by_number

DECLINES = {
    "4000000000000002": ("card_declined", "generic_decline"),
    "4000000000009995": ("card_declined", "insufficient_funds"),
    "4000000000009987": ("card_declined", "lost_card"),
    "4000000000009979": ("card_declined", "stolen_card"),
    "4000000000000069": ("expired_card", "expired_card"),
    "4000000000000127": ("incorrect_cvc", "incorrect_cvc"),
    "4000000000000119": ("processing_error", "processing_error"),
    "4000000000006975": ("card_declined", "card_velocity_exceeded"),
    "4100000000000019": ("card_declined", "fraudulent"),
    "4000000000004954": ("card_declined", "fraudulent"),
    "4000008260003178": ("card_declined", "insufficient_funds"),
    "4000000000000341": ("card_declined", "generic_decline"),
    "4000008400001629": ("card_declined", "generic_decline"),
}


@pytest.mark.sampled(3)
@pytest.mark.parametrize("number", [card.number for card in TEST_CARDS])
def test_every_number_is_found(number: str) -> None:
    """Each passes the checksum, and is found with or without spaces."""
    spaced = " ".join(number[place : place + 4] for place in range(0, len(number), 4))

    assert by_number(spaced) == by_number(number)
    assert by_number(number).number == number


@pytest.mark.sampled(3)
@pytest.mark.parametrize("number", [card.number for card in TEST_CARDS])
def test_declines_are_as_published(number: str) -> None:
    """The published cards are declined with their codes, and no other card is."""
    decline = by_number(number).decline

    assert (decline and (decline.code, decline.decline_code)) == DECLINES.get(number)


@pytest.mark.parametrize(
    "number", ["4000002500003155", "4000002760003184", "4000000000003220", "4000008400001629"]
)
def test_three_d_secure_is_required(number: str) -> None:
    """These cards require 3-D Secure."""
    assert by_number(number).three_d_secure.startswith("required")


def test_the_browser_script_accepts_the_same_cards() -> None:
    """The script accepts exactly the test cards that the API knows."""
    listed = re.search(r"TEST_CARDS = new Set\(\s*`([^`]*)`", BROWSER_SCRIPT.read_text())

    assert listed is not None
    assert set(listed[1].split()) == {card.number for card in TEST_CARDS}


def test_names_are_unique() -> None:
    """Every `pm_card_…` name has one card."""
    names = [card.name for card in TEST_CARDS]

    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("4242424242424241", "incorrect_number"),
        ("4111111111111111", "card_declined"),
        ("", "incorrect_number"),
    ],
)
def test_others_are_refused(number: str, code: str) -> None:
    """A real card number must never be accepted."""
    with pytest.raises(CardError) as refused:
        by_number(number)

    assert refused.value.fields["code"] == code
